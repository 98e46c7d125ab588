"""What peaks must be for any sound, however it is cut into blocks."""

import io
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from recordings import Unreadable
from recordings.dat import coarser, header_of, write_dat
from recordings.encoding import ALAW, MULAW, PCM16, Encoding, Int16, folded
from recordings.peaks import extremes, peaks, toward_zero
from recordings.sound import BLOCK_BYTES, Raw, open_sound
from recordings.waveform import write_waveform
from tests.recordings.sounds import GOLDEN, all_samples, noise, wav


def _naive(block: NDArray[np.generic], zoom: int) -> list[list[list[int]]]:
    """Sample by sample, as the definition reads."""
    frames = block.tolist()
    pixels = [frames[at : at + zoom] for at in range(0, len(frames), zoom)]
    return [[[min(lane), max(lane)] for lane in zip(*pixel, strict=True)] for pixel in pixels]


@given(st.data(), st.integers(1, 3), st.integers(2, 40), st.lists(st.integers(1, 90), max_size=8))
@settings(max_examples=200, deadline=None)
def test_blocks_do_not_matter(data: st.DataObject, channels: int, zoom: int, lengths: list[int]) -> None:
    seed = data.draw(st.integers(0, 2**32 - 1))
    whole = noise(sum(lengths), channels, seed)
    blocks = np.split(whole, np.cumsum(lengths)[:-1]) if lengths else []
    runs = list(extremes(blocks, zoom, PCM16.linear))
    assert [pixel for run in runs for pixel in run.tolist()] == _naive(whole, zoom)


@pytest.mark.parametrize("encoding", [MULAW, ALAW])
@given(st.binary(min_size=2, max_size=400), st.integers(2, 40), st.sampled_from([(0, 256), (0, 128), (128, 256)]))
@settings(deadline=None)
def test_companded_samples_are_compared_as_they_lie(
    encoding: Encoding, data: bytes, zoom: int, signs: tuple[int, int]
) -> None:
    """Also where all samples of a pixel have one sign: digital silence, and an offset."""
    lowest, beyond = signs
    data = bytes(byte % (beyond - lowest) + lowest for byte in data[: len(data) // 2 * 2])
    for channels in (1, 2):
        codes = encoding.codes(data).reshape(-1, channels)
        runs = list(extremes([codes], zoom, encoding.linear, folded))
        assert [pixel for run in runs for pixel in run.tolist()] == _naive(encoding.linear(codes), zoom)


@given(st.integers(0, 700), st.integers(2, 50), st.integers(1, 9), st.sampled_from([8, 16]))
@settings(max_examples=100, deadline=None)
def test_a_coarser_level_is_what_the_sound_gives(frames: int, zoom: int, times: int, bits: int) -> None:
    sound = noise(frames, 2).tobytes()
    fine = _dat(sound, Raw(), zoom, bits)
    assert b"".join(coarser(io.BytesIO(fine), zoom * times)) == _dat(sound, Raw(), zoom * times, bits)


def _dat(sound: bytes, raw: Raw | None, zoom: int, bits: int, *, split: bool = True) -> bytes:
    out = io.BytesIO()
    with open_sound(io.BytesIO(sound), raw) as opened:
        header = header_of(opened, zoom, 8 if bits == 8 else 16, split_channels=split)
        write_dat(out, header, peaks(opened, zoom, split_channels=split))
    return out.getvalue()


def test_a_level_that_is_no_multiple_is_refused() -> None:
    with pytest.raises(Unreadable, match="no multiple"):
        list(coarser(io.BytesIO(_dat(noise(100).tobytes(), Raw(8000, 1), 64, 8)), 100))


@pytest.mark.parametrize("divisor", [*range(2, 25), 256])
def test_division_cuts_toward_zero(divisor: int) -> None:
    """Every sum there can be of as many channels."""
    sums = np.arange(-32768 * min(divisor, 24), 32767 * min(divisor, 24) + 1)
    assert np.array_equal(toward_zero(sums, divisor, np.int16), np.trunc(sums / divisor))


def test_mixing_down_divides_the_sum() -> None:
    block = noise(999, 3)
    mean = [[int(sum(frame) / 3)] for frame in block.tolist()]
    expected = [[pair for lane in pixel for pair in lane] for pixel in _naive(np.array(mean), 10)]
    with open_sound(io.BytesIO(block.tobytes()), Raw(8000, 3)) as sound:
        got = np.concatenate(list(peaks(sound, 10, split_channels=False)))
    assert got.reshape(-1, 2).tolist() == expected


@pytest.mark.parametrize(
    ("tag", "bits", "dtype"),
    [(1, 8, "u1"), (1, 16, "<i2"), (1, 32, "<i4"), (3, 32, "<f4"), (3, 64, "<f8"), (6, 8, "u1"), (7, 8, "u1")],
)
@pytest.mark.parametrize("channels", [1, 2])
def test_samples_are_libsndfiles(tag: int, bits: int, dtype: str, channels: int, tmp_path: Path) -> None:
    import soundfile

    path = tmp_path / "x.wav"
    random = np.random.default_rng(bits)
    data = random.bytes(3000 * channels * bits // 8)
    if tag == 3:
        data = random.uniform(-1, 1, 3000 * channels).astype(dtype).tobytes()
    path.write_bytes(wav(data, tag=tag, bits=bits, channels=channels))
    expected: Int16 = soundfile.read(path, dtype="int16", always_2d=True)[0]
    if tag == 3:  # audiowaveform's own scaling, not libsndfile's
        expected = (np.frombuffer(data, dtype).astype("f4") * np.float32(32767)).astype("i2").reshape(-1, channels)
    with open_sound(path) as sound:
        got = all_samples(sound)
        assert sound.frames == 3000
        pixels = np.concatenate(list(peaks(sound, 70, split_channels=True)))
    assert np.array_equal(got, expected)
    assert pixels.tolist() == _naive(expected, 70)


def test_24_bit_samples_lose_their_lowest_byte(tmp_path: Path) -> None:
    import soundfile

    path = tmp_path / "x.wav"
    path.write_bytes(wav(np.random.default_rng(1).bytes(3 * 2 * 500), bits=24, channels=2))
    with open_sound(path) as sound:
        assert np.array_equal(all_samples(sound), soundfile.read(path, dtype="int16", always_2d=True)[0])


def test_floats_beyond_all_bounds_are_clipped() -> None:
    wild = np.array([np.inf, -np.inf, np.nan, 1e300, -7.0], "<f8")
    with open_sound(io.BytesIO(wav(wild.tobytes(), tag=3, bits=64))) as sound:
        assert all_samples(sound).ravel().tolist() == [32767, -32767, 0, 32767, -32767]


def test_any_stretch_can_be_read_alone() -> None:
    for name in ("stereo.wav", "stereo.flac", "mulaw.wav"):
        with open_sound(GOLDEN / name) as sound:
            whole = all_samples(sound)
            part = all_samples(sound, 12_345, 23_456)
        assert np.array_equal(part, whole[12_345:23_456])


def test_gsm_in_a_wav_is_read_too(tmp_path: Path) -> None:
    import soundfile

    path = tmp_path / "x.wav"
    with soundfile.SoundFile(path, "w", 8000, 1, "GSM610", format="WAV") as file:
        file.write(noise(8000) // 4)
    with open_sound(path) as sound:
        whole = all_samples(sound)
    with open_sound(path) as sound:
        assert np.array_equal(all_samples(sound, 1000, 2000), whole[1000:2000])
    assert len(whole) >= 8000


def test_ten_hours_need_no_more_memory_than_one_block(tmp_path: Path) -> None:
    with (tmp_path / "long.raw").open("wb") as file:
        file.truncate(10 * 3600 * 8000 * 2 * 2)  # holes: no disk needed
    tracemalloc.start()
    with open_sound(tmp_path / "long.raw", Raw()) as sound, (tmp_path / "long.dat").open("w+b") as out:
        header = header_of(sound, 256, 8, split_channels=True)
        written = write_dat(out, header, peaks(sound, 256, split_channels=True))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert written.length == 1_125_000
    assert peak < 6 * BLOCK_BYTES


def test_a_stored_recording_at_any_resolution(tmp_path: Path) -> None:
    """Multiples come from the finest level, the others from the sound; both are audiowaveform's."""
    fine = GOLDEN / "stereo.flac.split.z64.b8.dat"
    sound = GOLDEN / "stereo.flac"
    for zoom in (64, 256, 1000):
        out = io.BytesIO()
        write_waveform(out, zoom, 8, lambda: fine.open("rb"), lambda: sound.open("rb"))
        assert out.getvalue() == (GOLDEN / f"stereo.flac.split.z{zoom}.b8.dat").read_bytes()
        out = io.BytesIO()
        write_waveform(out, zoom, 16, None, lambda: sound.open("rb"))
        assert out.getvalue() == (GOLDEN / f"stereo.flac.split.z{zoom}.b16.dat").read_bytes()
    with pytest.raises(Unreadable):
        write_waveform(io.BytesIO(), 1, 8, None, lambda: sound.open("rb"))
