"""What follows a gap stays in its time."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from pbx_bridge.ports.recordings import Gap
from recordings.finish import finish
from recordings.gaps import filled
from tests.recordings.sounds import noise


@pytest.mark.parametrize("block", [1, 7, 100, 1000])
def test_silence_is_laid_where_nothing_was_written_however_the_sound_comes(block: int) -> None:
    sound = np.arange(1, 201, dtype=np.int16).repeat(2).reshape(200, 2)
    blocks = [sound[begin : begin + block] for begin in range(0, 200, block)]
    gaps = (Gap(5.0, 3.0), Gap(10.0, 1.0), Gap(300.0, 9.0))
    whole = np.concatenate(list(filled(blocks, gaps, 10, 2)))[:, 0]
    assert len(whole) == 240
    assert whole[49] == 50
    assert not whole[50:80].any()
    assert list(whole[80:100]) == list(range(51, 71))
    assert not whole[100:110].any()
    assert list(whole[110:]) == list(range(71, 201))


def test_laid_silence_is_no_talk(tmp_path: Path) -> None:
    source = tmp_path / "call.raw"
    source.write_bytes(noise(16_000, 2).tobytes())
    done = finish(source, tmp_path / "call.flac", talked_seconds=4.0, gaps=(Gap(1.0, 3.0),))
    assert (done.seconds, done.gap_seconds, sorted(done.flags)) == (5.0, 3.0, ["short"])
    sound = soundfile.read(done.path, dtype="int16")[0]
    assert not sound[8_000:32_000].any()
    assert np.array_equal(sound[32_000:, ::-1], noise(16_000, 2)[8_000:])
    source.unlink()
    assert finish(source, tmp_path / "call.flac", talked_seconds=4.0, gaps=(Gap(1.0, 3.0),)) == done
