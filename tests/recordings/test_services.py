"""From the spool into the vault and out of it again, with real rows, a real vault and a disk that fails."""

import asyncio
import hashlib
import os
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pbx_bridge.core.ids import CallId
from pbx_bridge.ports.recordings import Kept, Spooled
from pbx_bridge.services.expire_recordings import ExpireRecordings
from pbx_bridge.services.keep_recording import KeepRecordings
from pbx_bridge.services.sweep_recordings import FORGOTTEN, SweepRecordings
from pbx_bridge.services.watch_recorders import STALLED, WatchRecorders
from pbx_bridge.services.watch_recording_space import EASED, TIGHT, WatchRecordingSpace
from pbx_bridge.store.audit import AuditLog
from pbx_bridge.store.recordings import RecordingRows, RetentionRows
from recordings.keep import forget, keeper
from recordings.sealed import MasterKeys
from recordings.vault import DirectoryVault
from tests.recordings.sounds import noise
from tests.store.calls import add_call, add_recording
from tests.store.rows import NODE

if TYPE_CHECKING:
    from pbx_bridge.store.pool import Pool

DEADLINE = 60.0


class Spool:
    """A spool directory, its rows and a sealed vault."""

    def __init__(self, pool: "Pool", folder: Path) -> None:
        self.pool, self.folder = pool, folder / "spool"
        self.folder.mkdir()
        self.vault = DirectoryVault(folder / "vault", MasterKeys(bytes(32)))
        self.rows = RecordingRows(pool, NODE)
        self.keep = keeper(self.vault, self.folder / ".work")

    def write(self, name: str, seconds: float = 1.0, age: timedelta = timedelta(minutes=5)) -> Path:
        """The recorder's file, last written to `age` ago."""
        path = self.folder / f"{name}.raw"
        path.write_bytes(noise(round(seconds * 8000), 2).tobytes())
        at = (datetime.now(UTC) - age).timestamp()
        os.utime(path, (at, at))
        return path

    async def call(self, id: str, *, talked: float = 1.0, result: str = "answered") -> CallId:
        """A call that just ended, with its sound."""
        call = await add_call(self.pool, id, age=timedelta(seconds=1), talked=talked, result=result)
        await add_recording(self.pool, call)
        self.write(id)
        return call

    async def state(self, call: CallId) -> tuple[str, list[str]]:
        row = await self.pool.fetchrow("SELECT state, flags FROM recording WHERE call = $1", call)
        assert row is not None
        return row["state"], row["flags"]

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("*.raw"))

    def sweep(self) -> SweepRecordings:
        return SweepRecordings(self.rows, AuditLog(self.pool), self.folder)

    async def acts(self) -> list[tuple[str, str]]:
        return [(row["act"], row["target"]) for row in await self.pool.fetch("SELECT act, target FROM audit")]


@pytest.fixture
async def spool(pool: "Pool", tmp_path: Path) -> Spool:
    return Spool(pool, tmp_path)


async def all_kept(service: KeepRecordings) -> None:
    async with asyncio.timeout(DEADLINE):
        while await service.once():
            pass


async def test_fifty_calls_end_at_once(spool: Spool) -> None:
    """All become playable, two at a time, each whole, and nothing is left in the spool. (How soon: `make bench`.)"""
    calls = [await spool.call(f"call{number}") for number in range(50)]
    service = KeepRecordings(spool.rows, spool.folder, spool.keep)
    running = asyncio.create_task(service.run())
    try:
        async with asyncio.timeout(DEADLINE):
            while await spool.pool.fetchval("SELECT count(*) FROM recording WHERE state <> 'ready'"):
                await asyncio.sleep(0.05)
            while spool.names():
                await asyncio.sleep(0.05)
    finally:
        running.cancel()
    for row in await spool.pool.fetch("SELECT path, sha256, seconds, flags, silence_share FROM recording"):
        with spool.vault.open(row["path"]) as file:
            assert hashlib.sha256(file.read()).hexdigest() == row["sha256"]
        assert (row["seconds"], row["flags"], row["silence_share"]) == (1.0, [], 0.0)
    assert len(calls) == 50
    assert list((spool.folder / ".work").iterdir()) == []


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), RuntimeError("a fault of ours")])
async def test_a_full_disk_delays_its_recording_only(spool: Spool, fault: Exception) -> None:
    full, other = await spool.call("full"), await spool.call("other")

    def keep(source: Path, spooled: Spooled) -> Kept:
        if spooled.call == full:
            raise fault
        return spool.keep(source, spooled)

    await all_kept(KeepRecordings(spool.rows, spool.folder, keep))
    assert await spool.state(full) == ("spooled", [])
    assert await spool.state(other) == ("ready", [])
    assert spool.names() == ["full.raw"]
    await all_kept(KeepRecordings(spool.rows, spool.folder, spool.keep))
    assert await spool.state(full) == ("ready", [])


async def test_a_vault_that_loses_is_not_believed(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read back before the source goes: what the vault does not give back is tried again."""
    call, put = await spool.call("lost"), spool.vault.put

    def loses(name: str, source: Path) -> None:
        put(name, source)
        if name.endswith(".flac"):
            path = spool.folder.parent / "vault" / name
            path.write_bytes(path.read_bytes()[:-1])

    monkeypatch.setattr(spool.vault, "put", loses)
    await all_kept(KeepRecordings(spool.rows, spool.folder, spool.keep))
    assert await spool.state(call) == ("spooled", [])
    monkeypatch.undo()
    await all_kept(KeepRecordings(spool.rows, spool.folder, spool.keep))
    assert await spool.state(call) == ("ready", [])


async def test_short_repaired_empty_and_nothing(spool: Spool) -> None:
    calls = [await spool.call(name, talked=talked) for name, talked in (("short", 9.0), ("torn", 1.0), ("none", 1.0))]
    empty = await spool.call("empty", talked=0.5)
    (spool.folder / "torn.raw").write_bytes(noise(8000, 2).tobytes()[:-3])
    (spool.folder / "none.raw").unlink()
    (spool.folder / "empty.raw").write_bytes(b"")
    await all_kept(KeepRecordings(spool.rows, spool.folder, spool.keep))
    assert [await spool.state(call) for call in calls] == [
        ("ready", ["short"]),
        ("ready", ["repaired"]),
        ("failed", ["neither the recorder's file nor none.flac is there"]),
    ]
    assert await spool.state(empty) == ("ready", ["empty"])


async def test_a_lost_call_may_still_be_recorded(spool: Spool) -> None:
    """Nobody saw it end: while its file grows it is left to the recorder."""
    lost = await spool.call("lost", result="lost")
    spool.write("lost", age=timedelta(0))
    await all_kept(KeepRecordings(spool.rows, spool.folder, spool.keep))
    assert await spool.state(lost) == ("spooled", [])
    spool.write("lost", age=timedelta(minutes=1))
    await all_kept(KeepRecordings(spool.rows, spool.folder, spool.keep))
    assert await spool.state(lost) == ("ready", [])


async def test_killed_before_the_row_and_before_the_file_was_removed(spool: Spool) -> None:
    unwritten, unremoved = await spool.call("unwritten"), await spool.call("unremoved")
    for call in (unwritten, unremoved):
        kept = spool.keep(spool.folder / f"{call}.raw", Spooled(call, f"{call}.raw", datetime.now(UTC), 1.0))
        if call == unremoved:
            await spool.rows.kept(call, kept)
    assert (await spool.sweep().once()).removed == ["unremoved.raw"]
    assert spool.names() == ["unwritten.raw"]
    await all_kept(KeepRecordings(spool.rows, spool.folder, spool.keep))
    assert await spool.state(unwritten) == ("ready", [])
    assert spool.names() == []


async def test_a_file_of_a_call_the_bridge_never_saw(spool: Spool) -> None:
    """The journal's repair made the call's row after the bridge came back."""
    call = await add_call(spool.pool, "unseen", channel="1790000000.42", talked=1.0)
    spool.write("1790000000.42")
    assert (await spool.sweep().once()).adopted == [call]
    assert (await spool.sweep().once()).adopted == []
    await all_kept(KeepRecordings(spool.rows, spool.folder, spool.keep))
    assert await spool.state(call) == ("ready", [])
    assert await spool.acts() == [("recording.adopted", "unseen")]


async def test_a_file_of_no_call_is_reported_once_and_stays(spool: Spool) -> None:
    spool.write("1790000000.1", age=FORGOTTEN + timedelta(hours=1))
    spool.write("1790000000.2", age=FORGOTTEN - timedelta(hours=1))
    spool.write("1790000000.3", age=timedelta(seconds=1))
    sweep = spool.sweep()
    for _ in range(2):
        assert (await sweep.once()).strays == ["1790000000.1.raw"]
    assert len(spool.names()) == 3
    assert await spool.acts() == [("recording.stray", "1790000000.1.raw")]


async def test_expired_means_gone(spool: Spool) -> None:
    calls = [await spool.call(name) for name in ("one", "two", "held")]
    await all_kept(KeepRecordings(spool.rows, spool.folder, spool.keep))
    await spool.pool.execute("UPDATE call SET ended_at = ended_at - interval '31 days'")
    await spool.pool.execute("UPDATE recording SET legal_hold = true WHERE call = 'held'")
    files = {path.name for path in (spool.folder.parent / "vault").rglob("*.*") if path.is_file()}
    assert files == {f"{call}.{kind}" for call in calls for kind in ("flac", "dat")}

    retention = RetentionRows(spool.pool, NODE)
    tries = 0

    def fails_once(name: str) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise OSError(30, "Read-only file system")
        forget(spool.vault, name)

    assert await ExpireRecordings(retention, fails_once, 30).once() == 2
    assert await ExpireRecordings(retention, partial(forget, spool.vault), 30).once() == 0
    files = {path.name for path in (spool.folder.parent / "vault").rglob("*.*") if path.is_file()}
    assert files == {"held.flac", "held.dat"}
    assert [(await spool.state(call))[0] for call in calls] == ["expired", "expired", "ready"]
    assert sorted(await spool.acts()) == [("recording.expired", "one"), ("recording.expired", "two")]
    assert tries == 3


async def test_what_cannot_be_deleted_stays_due(spool: Spool) -> None:
    call = await spool.call("stuck")
    await all_kept(KeepRecordings(spool.rows, spool.folder, spool.keep))
    await spool.pool.execute("UPDATE call SET ended_at = ended_at - interval '31 days'")

    def fails(name: str) -> None:
        raise OSError(30, "Read-only file system")

    retention = RetentionRows(spool.pool, NODE)
    assert await ExpireRecordings(retention, fails, 30).once() == 0
    assert (await spool.state(call))[0] == "ready"
    assert await spool.acts() == []
    assert await ExpireRecordings(retention, partial(forget, spool.vault), 30).once() == 1


async def test_a_recorder_that_stopped_writing_is_said_once(spool: Spool) -> None:
    calls = [await add_call(spool.pool, name, talked=60.0, result=None) for name in ("writes", "stalled", "gone")]
    for call in calls:
        await add_recording(spool.pool, call, "recording")
    fresh = await add_call(spool.pool, "fresh", age=timedelta(0), talked=1.0, result=None)
    await add_recording(spool.pool, fresh, "recording")
    spool.write("writes", age=timedelta(seconds=1))
    spool.write("stalled", age=timedelta(seconds=STALLED + 1))
    await spool.pool.execute("INSERT INTO call_event (call, at, kind) SELECT id, answered_at, 'answered' FROM call")
    watch = WatchRecorders(spool.rows, AuditLog(spool.pool), spool.folder)
    for _ in range(2):
        await watch.once()
        assert watch.stalled == {"stalled", "gone"}
    spool.write("stalled", age=timedelta(0))
    await spool.pool.execute("UPDATE call SET ended_at = now(), result = 'answered' WHERE id = 'gone'")
    await watch.once()
    assert watch.stalled == set()
    assert sorted(await spool.acts()) == [("recording.stalled", "gone"), ("recording.stalled", "stalled")]


async def test_little_room_is_said_once_until_it_eases(spool: Spool, tmp_path: Path) -> None:
    free = EASED
    watch = WatchRecordingSpace({"spool": tmp_path}, AuditLog(spool.pool), lambda place: free)
    for left, low in ((EASED, {}), (TIGHT - 1, {"spool": TIGHT - 1}), (TIGHT, {"spool": TIGHT}), (EASED, {})):
        free = left
        await watch.once()
        assert watch.low == low
    assert await spool.acts() == [("recording.space.tight", "spool"), ("recording.space.eased", "spool")]
    real = WatchRecordingSpace({"gone": tmp_path / "gone"}, AuditLog(spool.pool))
    await real.once()
    assert real.low == {"gone": 0}
