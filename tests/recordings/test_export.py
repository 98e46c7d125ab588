"""Archives: what people get, what they are told of it, and that a killed process goes on where it was."""

import csv
import hashlib
import io
import json
import os
import signal
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pbx_bridge.core.ids import AgentId, CallId
from pbx_bridge.ports.recording_exports import MAX_EXPORT, Exportable, ExportTask, Packed
from pbx_bridge.ports.recordings import Spooled
from pbx_bridge.services.expire_recordings import EXPORT_DAYS, ExpireRecordings
from pbx_bridge.services.export_recordings import ExportRecordings
from pbx_bridge.store.recording_exports import ExportBook
from pbx_bridge.store.recordings import RecordingRows, RetentionRows
from recordings.archive import Packer
from recordings.exports import ExportDesk
from recordings.keep import forget, keeper
from recordings.sealed import MasterKeys
from recordings.vault import DirectoryVault, Vault
from tests.recordings.sounds import noise
from tests.store.calls import add_call, add_recording
from tests.store.rows import NODE, add_agent

if TYPE_CHECKING:
    from pbx_bridge.store.pool import Pool


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return DirectoryVault(tmp_path / "vault", MasterKeys(bytes(32)))


class Center:
    """Some finished calls, somebody who wants them, and the service."""

    def __init__(self, pool: "Pool", vault: Vault, folder: Path) -> None:
        self.pool, self.vault, self.folder = pool, vault, folder
        self.book = ExportBook(pool, NODE)
        self.desk = ExportDesk(vault, self.book.ask, self.book.find, self.book.place)
        self.calls: list[CallId] = []

    async def fill(self, count: int) -> AgentId:
        keep, rows = keeper(self.vault, self.folder / "work"), RecordingRows(self.pool, NODE)
        for number in range(count):
            call = await add_call(self.pool, f"call{number}", talked=1.0)
            await add_recording(self.pool, call)
            source = self.folder / f"{call}.raw"
            source.write_bytes(noise(8000, 2, seed=number).tobytes())
            await rows.kept(call, keep(source, Spooled(call, source.name, datetime.now(UTC), 1.0)))
            self.calls.append(call)
        return await add_agent(self.pool, 7)

    def service(self, packer: Packer | None = None) -> ExportRecordings:
        return ExportRecordings(self.book, packer or self.packer(), step=2, again_after=0)

    def packer(self) -> Packer:
        return Packer(self.vault, self.folder / "exports")

    async def fetched(self, id: str) -> zipfile.ZipFile:
        opened = await self.desk.open(id)
        assert opened is not None
        body = b"".join([piece async for piece in opened.read(0, opened.audio.size)])
        assert (opened.audio.media_type, opened.audio.size) == ("application/zip", len(body))
        return zipfile.ZipFile(io.BytesIO(body))


@pytest.fixture
async def center(pool: "Pool", vault: Vault, tmp_path: Path) -> Center:
    return Center(pool, vault, tmp_path)


async def test_flacs_and_what_they_are(center: Center, pool: "Pool") -> None:
    by = await center.fill(3)
    gone = await add_call(pool, "unheard")
    asked = await center.desk.ask(by, [*center.calls, gone, center.calls[0], CallId("nosuchcall")], "10.0.0.9")
    assert (asked.state, asked.calls, asked.done) == ("waiting", 5, 0)
    assert await center.desk.open(asked.id) is None
    assert await center.service().once()
    assert not await center.service().once()
    found = await center.desk.find(asked.id)
    assert found is not None
    assert (found.state, found.done, found.packed) == ("ready", 5, 3)

    archive = await center.fetched(asked.id)
    assert archive.testzip() is None
    assert all(info.compress_type == zipfile.ZIP_STORED for info in archive.infolist() if ".flac" in info.filename)
    said = json.loads(archive.read("manifest.json"))
    assert (said["export"], said["asked_by"]) == (asked.id, "agent7@example.jp")
    assert [row["call"] for row in said["recordings"]] == [*center.calls, "unheard"]
    for row in said["recordings"][:3]:
        body = archive.read(row["file"])
        assert body.startswith(b"fLaC")
        assert (row["bytes"], row["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
        assert (row["seconds"], row["intact"], row["to"]) == (1.0, True, "7000")
    assert (said["recordings"][3]["file"], said["recordings"][3]["seconds"]) == ("", None)

    lines = list(csv.DictReader(io.StringIO(archive.read("manifest.csv").decode("utf-8-sig"))))
    assert [line["file"] for line in lines] == [row["file"] for row in said["recordings"]]
    assert lines[0]["from"] == "'+819011112222", "a spreadsheet must not compute it"
    audit = await pool.fetchrow("SELECT actor, act, target, origin FROM audit")
    assert audit is not None
    assert tuple(audit) == (by, "recording.export", asked.id, "10.0.0.9")


async def test_nothing_plain_is_left_lying(center: Center, tmp_path: Path) -> None:
    asked = await center.desk.ask(await center.fill(2), center.calls, "")
    await center.service().once()
    assert not any((tmp_path / "exports").iterdir())
    assert (tmp_path / "exports").stat().st_mode & 0o777 == 0o700
    assert b"fLaC" not in (tmp_path / "vault" / "exports" / f"{asked.id}.zip").read_bytes()


def _pack(packer: Packer, entries: list[Exportable]) -> Packed:
    """As the service does it, two entries a step."""
    task = ExportTask("k3f9", [entry.call for entry in entries], "agent7", datetime.now(UTC))
    for at in range(packer.resume(task.id), len(entries), 2):
        packer.add(task.id, entries[at : at + 2], min(at + 2, len(entries)))
    return packer.finish(task, entries)


def _die_at(act: int, folder: Path, packer: Packer, entries: list[Exportable]) -> bool:
    """Pack in a child that is killed at its `act`-th act on the folder's files; whether it lived to the end."""
    child = os.fork()
    if child == 0:
        left = act

        def count(event: str, args: tuple[object, ...]) -> None:
            nonlocal left
            if event in {"open", "os.rename", "os.remove", "os.truncate"} and str(folder) in str(args):
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        try:
            _pack(packer, entries)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_goes_on_after_being_killed_at_any_step(vault: Vault, tmp_path: Path) -> None:
    keep, entries = keeper(vault, tmp_path / "work"), []
    for number in range(5):
        call, source = CallId(f"call{number}"), tmp_path / f"call{number}.raw"
        source.write_bytes(noise(20_000, 2, seed=number).tobytes())
        at = datetime(2026, 11, 22, 9, number, tzinfo=UTC)
        kept = keep(source, Spooled(call, source.name, at, 2.5))
        entries.append(Exportable(call, kept.path, at, "inbound", "1", "2", "", "", 2.5, 2.5, [], kept.sha256))
    resumed: set[int] = set()
    for act in range(100):
        folder = tmp_path / f"try{act}"
        packer = Packer(vault, folder)
        lived = _die_at(act, folder, packer, entries)
        resumed.add(packer.resume("k3f9"))
        packed = _pack(packer, entries)
        with vault.open(packed.path) as file, zipfile.ZipFile(file) as archive:
            assert archive.testzip() is None
            assert len(archive.namelist()) == 7
            assert [row["intact"] for row in json.loads(archive.read("manifest.json"))["recordings"]] == [True] * 5
        assert (packed.recordings, packed.seconds) == (5, 12.5)
        if lived:
            assert resumed == {0, 2, 4, 5}
            return
    pytest.fail("the child never lived to the end")


async def test_a_part_that_is_gone_begins_again(center: Center, tmp_path: Path) -> None:
    asked = await center.desk.ask(await center.fill(3), center.calls, "")
    packer, entries = center.packer(), await center.book.exportable(center.calls)

    def damage(suffix: str, data: Callable[[bytes], bytes]) -> None:
        packer.resume(asked.id)
        packer.add(asked.id, entries[:2], 2)
        assert packer.resume(asked.id) == 2
        file = next((tmp_path / "exports").glob(f"*.{suffix}"))
        file.write_bytes(data(file.read_bytes()))

    for suffix in ("index", "part"):
        damage(suffix, lambda data: data[:5])
        assert packer.resume(asked.id) == 0
        damage(suffix, lambda data: data[:300] + b"!" + data[301:])
        if suffix == "index":
            assert packer.resume(asked.id) == 0
    await center.service().once()
    assert len((await center.fetched(asked.id)).namelist()) == 5


async def test_a_full_disk_is_tried_again_and_then_said(center: Center, tmp_path: Path) -> None:
    asked = await center.desk.ask(await center.fill(1), center.calls, "")
    (tmp_path / "exports").write_text("no directory can be here")
    await center.service().once()
    found = await center.desk.find(asked.id)
    assert found is not None
    assert (found.state, found.reason) == ("failed", "File exists")


async def test_a_recording_that_was_changed_shows(center: Center, tmp_path: Path, pool: "Pool") -> None:
    asked = await center.desk.ask(await center.fill(1), center.calls, "")
    await pool.execute("UPDATE recording SET sha256 = 'other'")
    await center.service().once()
    said = json.loads((await center.fetched(asked.id)).read("manifest.json"))
    assert said["recordings"][0]["intact"] is False


async def test_bounds(center: Center) -> None:
    for calls in ([], [CallId(f"c{number}") for number in range(MAX_EXPORT + 1)]):
        with pytest.raises(ValueError, match="are possible"):
            await center.desk.ask(AgentId(1), calls, "")
    assert await center.desk.find("nosuch") is None
    assert await center.desk.open("nosuch") is None


async def test_an_archive_can_be_fetched_for_a_week(center: Center, pool: "Pool", tmp_path: Path) -> None:
    asked = await center.desk.ask(await center.fill(1), center.calls, "")
    await center.service().once()
    expiring = ExpireRecordings(RetentionRows(pool, NODE), partial(forget, center.vault), 365)
    for days, state in ((EXPORT_DAYS - 1, "ready"), (EXPORT_DAYS, "expired")):
        await pool.execute("UPDATE recording_export SET finished_at = now() - interval '24 h' * $1::int", days)
        await expiring.once()
        found = await center.desk.find(asked.id)
        assert found is not None
        assert found.state == state
        assert (await center.desk.open(asked.id) is None) == (state == "expired")
    assert list((tmp_path / "vault" / "exports").iterdir()) == []
