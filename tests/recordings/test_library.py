"""The port the web listens through, over a sealed vault: whole, cut, drawn; and nothing where there is nothing."""

import io
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pbx_bridge.core.ids import CallId
from pbx_bridge.ports.recordings import OpenedAudio, Recordings
from recordings.keep import keep
from recordings.library import Library
from recordings.naming import name_of
from recordings.sealed import MasterKeys
from recordings.vault import DirectoryVault
from tests.recordings.sounds import GOLDEN, noise

CALL, DAY = CallId("0123456789ab"), date(2026, 11, 22)
GONE, UNKNOWN = CallId("gone"), CallId("unknown")


@pytest.fixture
def library(tmp_path: Path) -> Recordings:
    source = tmp_path / "call.raw"
    source.write_bytes(noise(80_000, 2).tobytes())
    vault = DirectoryVault(tmp_path / "vault", MasterKeys(bytes(32)))
    done = keep(source, vault, CALL, DAY, tmp_path / "work")
    assert done.seconds == 10.0
    assert source.exists()
    assert not any((tmp_path / "work").iterdir())

    async def find(call: CallId) -> str | None:
        return None if call == UNKNOWN else name_of(call, DAY, "flac")

    return Library(vault, find)


async def _bytes(opened: OpenedAudio | None, start: int = 0, stop: int | None = None) -> bytes:
    assert opened is not None
    pieces = [piece async for piece in opened.read(start, opened.audio.size if stop is None else stop)]
    assert all(len(piece) <= 1 << 19 for piece in pieces)
    return b"".join(pieces)


async def test_whole_as_flac_and_wav_with_ranges(library: Recordings) -> None:
    for form in ("flac", "wav"):
        opened = await library.open(CALL, "flac" if form == "flac" else "wav")
        assert opened is not None
        assert (opened.audio.media_type, opened.audio.seconds) == (f"audio/{form}", 10.0)
        whole = await _bytes(opened)
        assert len(whole) == opened.audio.size
        block, rate = soundfile.read(io.BytesIO(whole), dtype="int16")
        assert rate == 8000
        assert np.array_equal(block, noise(80_000, 2)[:, ::-1])
        for start, stop in ((0, 1), (40, 50), (1001, 70_007), (len(whole) - 5, len(whole))):
            assert await _bytes(opened, start, stop) == whole[start:stop]


async def test_clips(library: Recordings) -> None:
    for form in ("flac", "wav"):
        opened = await library.cut(CALL, 3.0, 7.5, "flac" if form == "flac" else "wav")
        assert opened is not None
        assert opened.audio.seconds == 4.5
        block, _ = soundfile.read(io.BytesIO(await _bytes(opened)), dtype="int16")
        assert np.array_equal(block, noise(80_000, 2)[24_000:60_000, ::-1])
        clamped = await library.cut(CALL, -3.0, 99, "flac" if form == "flac" else "wav")
        assert clamped is not None
        assert clamped.audio.seconds == 10.0
        with pytest.raises(ValueError, match="no sound"):
            await library.cut(CALL, 20, 30, "flac" if form == "flac" else "wav")


async def test_peaks_at_any_resolution(library: Recordings) -> None:
    for zoom in (32, 64, 100, 1024, 65_536):
        dat = await library.peaks(CALL, zoom)
        assert dat is not None
        assert len(dat) == 24 + 4 * -(-80_000 // zoom)
    with pytest.raises(ValueError, match="possible"):
        await library.peaks(CALL, 1)


async def test_nothing_is_none(library: Recordings) -> None:
    for call in (GONE, UNKNOWN):
        assert await library.open(call, "flac") is None
        assert await library.open(call, "wav") is None
        assert await library.cut(call, 0, 1, "flac") is None
        assert await library.peaks(call, 256) is None


async def test_a_call_of_nothing_but_golden_sound(tmp_path: Path) -> None:
    """Peaks of a stored golden file are audiowaveform's."""
    vault = DirectoryVault(tmp_path)
    vault.put(name_of(CALL, DAY, "flac"), GOLDEN / "stereo.flac")
    vault.put(name_of(CALL, DAY, "dat"), GOLDEN / "stereo.flac.split.z64.b8.dat")

    async def find(call: CallId) -> str | None:
        return name_of(call, DAY, "flac")

    for zoom in (64, 256, 1000):
        expected = (GOLDEN / f"stereo.flac.split.z{zoom}.b8.dat").read_bytes()
        assert await Library(vault, find).peaks(CALL, zoom) == expected
