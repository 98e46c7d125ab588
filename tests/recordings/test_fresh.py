"""Between hang-up and vault the recorder's own file is heard, and it is what the vault will give."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pbx_bridge.core.ids import CallId
from pbx_bridge.ports.recordings import AudioFormat, OpenedAudio, Recordings
from recordings.fresh import FreshLibrary, KeptOrFresh
from recordings.keep import keep
from recordings.library import Library
from recordings.naming import name_of
from recordings.sealed import MasterKeys
from recordings.vault import DirectoryVault
from tests.recordings.sounds import noise

CALL, BEGAN = CallId("0123456789ab"), datetime(2026, 11, 22, 3, tzinfo=UTC)
FORMATS: tuple[AudioFormat, ...] = ("flac", "wav")


class Desk:
    """A spool and a vault; `kept` says what the row says."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.kept = folder, False
        self.source = folder / "call.raw"
        self.source.write_bytes(noise(300_001, 2).tobytes())
        self.vault = DirectoryVault(folder / "vault", MasterKeys(bytes(32)))
        self.library: Recordings = KeptOrFresh(
            Library(self.vault, self._find), FreshLibrary(folder, self._find_spooled)
        )

    async def _find(self, call: CallId) -> str | None:
        return name_of(CALL, BEGAN.date(), "flac") if self.kept and call == CALL else None

    async def _find_spooled(self, call: CallId) -> tuple[str, datetime] | None:
        return None if self.kept or call != CALL else ("call.raw", BEGAN)

    def keep(self) -> None:
        keep(self.source, self.vault, CALL, BEGAN.date(), self.folder / "work")
        self.kept = True
        self.source.unlink()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def read(opened: OpenedAudio | None) -> tuple[object, bytes]:
    assert opened is not None
    return opened.audio, b"".join([piece async for piece in opened.read(0, opened.audio.size)])


async def test_fresh_is_what_kept_will_be(desk: Desk) -> None:
    """Byte for byte and by its ETag: a player who is in the middle may go on."""
    wholes = [await read(await desk.library.open(CALL, form)) for form in FORMATS]
    clips = [await read(await desk.library.cut(CALL, 3.0, 7.5, form)) for form in FORMATS]
    drawn = [await desk.library.peaks(CALL, zoom) for zoom in (64, 100, 1024)]
    desk.keep()
    assert wholes == [await read(await desk.library.open(CALL, form)) for form in FORMATS]
    assert clips == [await read(await desk.library.cut(CALL, 3.0, 7.5, form)) for form in FORMATS]
    assert drawn == [await desk.library.peaks(CALL, zoom) for zoom in (64, 100, 1024)]


async def test_a_flac_is_made_once_for_all_its_ranges(desk: Desk) -> None:
    first, second = [await desk.library.open(CALL, "flac") for _ in range(2)]
    assert first is second


async def test_nothing_is_none(desk: Desk) -> None:
    for size in (0, 4):
        desk.source.write_bytes(bytes(size))
        assert await desk.library.open(CALL, "wav") is None
        assert await desk.library.peaks(CALL, 256) is None
    desk.source.unlink()
    assert await desk.library.open(CALL, "flac") is None
    assert await desk.library.cut(CallId("unknown"), 0, 1, "wav") is None


async def test_what_cannot_be_is_refused(desk: Desk) -> None:
    with pytest.raises(ValueError, match="no sound"):
        await desk.library.cut(CALL, 90, 99, "wav")
    with pytest.raises(ValueError, match="possible"):
        await desk.library.peaks(CALL, 1)
