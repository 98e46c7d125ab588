"""Clips are exact to the sample, in both formats, from both formats; a WAV view has every range right."""

import io
import math
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings import Unreadable
from recordings.cut import ClipFormat, cut, wav_bytes, wav_size
from recordings.encoding import Int16
from recordings.sound import open_sound
from tests.recordings.sounds import noise, strength, tone

RATE = 8000


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """3 s of 300 Hz, then 4.5 s of 700 Hz, then 2.5 s of 1100 Hz; left loud, right soft."""
    path = tmp_path_factory.mktemp("cut") / "call.flac"
    left = np.concatenate((tone(300, 3), tone(700, 4.5), tone(1100, 2.5)))
    soundfile.write(path, np.stack((left, left // 4), axis=1), RATE, "PCM_16")
    return path


def _read(data: bytes) -> Int16:
    block: Int16 = soundfile.read(io.BytesIO(data), dtype="int16", always_2d=True)[0]
    return block


@pytest.mark.parametrize("form", ["wav", "flac"])
def test_the_selected_tone_and_no_other(recording: Path, form: ClipFormat) -> None:
    out = io.BytesIO()
    assert cut(recording, out, 3.0, 7.5, form) == 36_000
    clip = _read(out.getvalue())
    assert clip.shape == (36_000, 2)
    assert strength(clip[:, 0], 700) > 0.49
    assert strength(clip[:, 1], 700) > 0.12
    assert strength(clip[:, 0], 300) < 0.001
    assert strength(clip[:, 0], 1100) < 0.001
    assert np.array_equal(clip, _read(recording.read_bytes())[24_000:60_000])


@given(st.floats(0, 12), st.floats(0, 12), st.sampled_from(["wav", "flac"]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_any_stretch(recording: Path, start: float, end: float, form: ClipFormat, from_wav: bool) -> None:
    whole = _read(recording.read_bytes())
    first, last = round(start * RATE), min(round(end * RATE), len(whole))
    source, out = io.BytesIO(recording.read_bytes()), io.BytesIO()
    if from_wav:
        source = io.BytesIO()
        cut(recording, source, 0, 99)
    if first >= last:
        with pytest.raises(Unreadable, match="from"):
            cut(source, out, start, end, form)
    else:
        assert cut(source, out, start, end, form) == last - first
        assert np.array_equal(_read(out.getvalue()), whole[first:last])


@pytest.mark.parametrize(("start", "end"), [(-1.0, 0.0), (5, 5), (6, 5), (10, 11), (math.nan, 3), (1, math.nan)])
def test_an_empty_stretch_is_refused(recording: Path, start: float, end: float) -> None:
    with pytest.raises(Unreadable):
        cut(recording, io.BytesIO(), start, end)


@given(st.integers(0, 3000), st.integers(0, 3000))
@settings(max_examples=100, deadline=None)
def test_any_range_of_a_wav_that_does_not_exist(start: int, stop: int) -> None:
    source = io.BytesIO()
    soundfile.write(source, noise(1000, 2), RATE, "PCM_16", format="FLAC")
    with open_sound(source) as sound:
        whole = b"".join(wav_bytes(sound, 100, 800, 0, wav_size(sound, 100, 800)))
        assert np.array_equal(_read(whole), noise(1000, 2)[100:800])
        stop = min(stop, len(whole))
        assert b"".join(wav_bytes(sound, 100, 800, start, stop)) == whole[start:stop]
