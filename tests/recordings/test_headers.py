"""Headers that lie, end early or are noise: a typed refusal or the right samples, in the memory of a block."""

import io
import random
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recordings import Unreadable
from recordings.peaks import peaks
from recordings.probe import Flag, probe, repair
from recordings.sound import BLOCK_BYTES, Raw, open_sound
from tests.recordings.sounds import GOLDEN, all_samples, noise, wav

SOUND = noise(4000)


def _read(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    with open_sound(io.BytesIO(data)) as sound:
        return all_samples(sound)


def _accepts_or_refuses(data: bytes) -> None:
    reasons = []
    try:
        with open_sound(io.BytesIO(data)) as sound:
            pixels = sum(len(run) for run in peaks(sound, 64, split_channels=True))
            if sound.format == "wav":
                assert pixels == -(-sound.frames // 64)
                assert sound.frames <= len(data)
    except Unreadable as refusal:
        reasons.append(str(refusal))
    assert all(reason and "\n" not in reason for reason in reasons)


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
@example(b"RIFF")
@example(b"RIFF\0\0\0\0WAVE")
@example(b"fLaC")
def test_noise_is_refused(data: bytes) -> None:
    _accepts_or_refuses(data)
    _accepts_or_refuses(b"RIFF\xff\xff\xff\xffWAVE" + data)
    _accepts_or_refuses(b"RIFF\xff\xff\xff\xffWAVEfmt " + data)
    _accepts_or_refuses(b"fLaC" + data)


@pytest.mark.parametrize("name", ["mono.wav", "stereo_mulaw.wav", "alaw.wav", "stereo.flac"])
def test_damaged_files(name: str) -> None:
    whole = (GOLDEN / name).read_bytes()[:20_000]
    random.seed(name)
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(random.randint(1, 6)):
            data[random.randrange(60)] = random.choice((0, 1, 2, 255, 128, random.randrange(256)))
        _accepts_or_refuses(bytes(data[: random.choice((len(data), random.randrange(len(data))))]))


@given(st.binary(min_size=16, max_size=40), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
@settings(max_examples=300, deadline=None)
def test_any_format_chunk(form: bytes, claimed: int, riff: int) -> None:
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"\0" * (len(form) % 2)
    _accepts_or_refuses(b"RIFF" + struct.pack("<I", riff) + body + b"data" + struct.pack("<I", claimed) + b"x" * 99)


def test_claims_cost_no_memory() -> None:
    """A header of 4 GB, 24 channels and 64 bits before ten bytes of sound."""
    data = wav(b"0123456789", claimed=0xFFFFFFFE, channels=24, bits=64, tag=3)
    _accepts_or_refuses(data)
    tracemalloc.start()
    _accepts_or_refuses(data)
    _accepts_or_refuses(wav(SOUND.tobytes(), claimed=0xFFFFFFF0))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * BLOCK_BYTES


@pytest.mark.parametrize("claimed", [0, 0xFFFFFFFF, 0x7FFFFFFF, 9000])
@pytest.mark.parametrize("riff", [0, 36, 0xFFFFFFFF])
def test_a_killed_recorders_file_is_read_to_its_end(claimed: int, riff: int) -> None:
    assert np.array_equal(_read(wav(SOUND.tobytes(), claimed=claimed, riff=riff)), SOUND)


def test_chunks_around_the_data_are_no_sound() -> None:
    info = b"LIST" + struct.pack("<I", 5) + b"INFOx\0"
    assert np.array_equal(_read(wav(SOUND.tobytes(), before=info, after=info)), SOUND)
    assert len(_read(wav(b"", after=info))) == 0


def test_a_frame_cut_in_two_is_left_out() -> None:
    data = noise(100, 2).tobytes()[:-3]
    assert len(_read(wav(data, channels=2))) == 99
    with open_sound(io.BytesIO(data), Raw()) as sound:
        assert (sound.frames, sound.repaired) == (99, True)


def test_the_extensible_form() -> None:
    plain = wav(SOUND.tobytes())
    form = bytearray(plain[20:36])
    form[:2] = b"\xfe\xff"
    guid = b"\x01\0\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71"
    extensible = b"fmt " + struct.pack("<I", 40) + form + struct.pack("<HHI", 22, 16, 4) + guid
    assert np.array_equal(_read(plain[:12] + extensible + plain[36:]), SOUND)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "ends inside"),
        (b"ID3\x04" + bytes(100), "not a sound file"),
        (wav(b"", tag=85), "encoding 85"),
        (wav(b"", bits=12), "12 bits"),
        (wav(b"", channels=0), "0 channels"),
        (wav(b"", channels=25), "25 channels"),
        (wav(b"", rate=0), "0 samples a second"),
        (b"RIFF\0\0\0\0WAVE" + b"junk\0\0\0\0" * 2000, "nothing but chunks"),
        (b"RIFF\0\0\0\0WAVEdata\4\0\0\0abcd", "ends inside"),
    ],
)
def test_refusals_say_why(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        _read(data)


def test_probe_says_what_a_file_is(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(wav(noise(8000, 2).tobytes(), channels=2))
    found = probe(path, talked_seconds=1.2)
    assert (found.format, found.encoding, found.rate, found.channels) == ("wav", "16-bit PCM", 8000, 2)
    assert (found.frames, found.seconds, found.flags) == (8000, 1.0, frozenset())
    assert probe(path, talked_seconds=9).flags == {Flag.SHORT}
    path.write_bytes(b"")
    assert probe(path, Raw(), talked_seconds=0.4).flags == {Flag.EMPTY}
    assert probe(GOLDEN / "stereo.flac").seconds == 40137 / 8000


def test_repair_gives_the_header_its_sizes(tmp_path: Path) -> None:
    """F9: what Asterisk leaves after kill -9 during MixMonitor into a .wav."""
    import soundfile

    path = tmp_path / "crashed.wav"
    path.write_bytes(wav(SOUND.tobytes(), claimed=0, riff=0))
    assert soundfile.info(path).frames == 0
    assert probe(path).flags == {Flag.REPAIRED}
    assert repair(path)
    assert probe(path).flags == frozenset()
    assert np.array_equal(soundfile.read(path, dtype="int16", always_2d=True)[0], SOUND)
    whole = path.read_bytes()
    assert whole == wav(SOUND.tobytes())
    assert not repair(path)
    assert path.read_bytes() == whole
    assert list(tmp_path.iterdir()) == [path]
