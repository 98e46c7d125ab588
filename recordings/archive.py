"""Many recordings in one ZIP: FLACs as they are (they do not shrink further) and a manifest of what is inside.

The archive grows in a part file in a private directory, and after every step an index beside it says how far it is
whole: a killed process goes on from there. Finished, it is read back for its manifest and put into the vault.
"""

import csv
import hashlib
import io
import json
import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from pbx_bridge.ports.recording_exports import Exportable, ExportTask, Packed
from recordings import Unreadable
from recordings.durable import appearing, flush
from recordings.naming import export_name
from recordings.vault import Missing, Vault

_PIECE: Final = 1 << 18
_INDEX: Final = struct.Struct("<QQI")
"""Entries dealt with, where the archive's directory begins, and the checksum of a copy of it, which follows."""
_COLUMNS: Final = (
    "file",
    "call",
    "started_at",
    "direction",
    "from",
    "to",
    "center",
    "agent",
    "seconds",
    "talked_seconds",
    "bytes",
    "sha256",
    "intact",
    "flags",
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")  # OWASP, CSV injection: a spreadsheet would compute these
_Row = Mapping[str, str | float | bool | None]


class Packer:
    """Makes archives out of `vault` in the directory `work`. Every method blocks: call them from a thread."""

    def __init__(self, vault: Vault, work: Path) -> None:
        self._vault, self._work = vault, work

    def resume(self, export: str) -> int:
        """How many entries earlier steps dealt with, as far as the disk still has them. Raises OSError."""
        part, index = self._part(export), self._index(export)
        part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            done, end, directory = _read_index(index.read_bytes())
            with part.open("r+b") as archive:
                if archive.seek(0, os.SEEK_END) < end:
                    raise Unreadable("the part file is shorter than its index")
                archive.truncate(end)
                archive.seek(end)
                archive.write(directory)
        except (FileNotFoundError, Unreadable):
            self.drop(export)
            return 0
        return done

    def add(self, export: str, entries: Sequence[Exportable], done: int) -> int:
        """Append what is playable of these, after which `done` are dealt with; the archive's bytes. Raises OSError."""
        part = self._part(export)
        with self._opened(export) as archive:
            for entry in entries:
                # A call that is not playable (any more) is no error: its line in the manifest says so.
                with suppress(Missing, Unreadable):
                    self._append(archive, entry)
            end = archive.start_dir
        flush(part)
        with part.open("rb") as whole, appearing(self._index(export)) as index:
            # The next step writes over the directory at the archive's end, hence the copy.
            whole.seek(end)
            directory = whole.read()
            index.write_bytes(_INDEX.pack(done, end, zlib.crc32(directory)) + directory)
        return end

    def finish(self, task: ExportTask, entries: Sequence[Exportable]) -> Packed:
        """Write the manifest and put the archive into the vault; `drop` the part file when that is committed.

        Raises OSError.
        """
        part, name = self._part(task.id), export_name(task.id)
        with self._opened(task.id) as archive:
            rows = [_row(archive, entry) for entry in entries]
            archive.writestr("manifest.json", _as_json(task, rows))
            archive.writestr("manifest.csv", _as_csv(rows))
        self._vault.put(name, part)
        inside = [entry.seconds or 0.0 for entry, row in zip(entries, rows, strict=True) if row["file"]]
        return Packed(name, part.stat().st_size, len(inside), sum(inside))

    def drop(self, export: str) -> None:
        """Delete the part file and its index."""
        self._index(export).unlink(missing_ok=True)
        self._part(export).unlink(missing_ok=True)

    @contextmanager
    def _opened(self, export: str) -> Iterator[zipfile.ZipFile]:
        try:
            with zipfile.ZipFile(self._part(export), "a", zipfile.ZIP_STORED) as archive:
                yield archive
        except zipfile.BadZipFile as damaged:
            self.drop(export)
            raise OSError(f"the unfinished archive was damaged and is begun again: {damaged}") from damaged

    def _append(self, archive: zipfile.ZipFile, entry: Exportable) -> None:
        if not entry.path:
            return
        with self._vault.open(entry.path) as sound:
            sound.read(1)  # a broken seal shows before the archive has the entry's head
            sound.seek(0)
            head = zipfile.ZipInfo(_file_name(entry), entry.started_at.timetuple()[:6])
            head.external_attr = 0o600 << 16
            with archive.open(head, "w", force_zip64=True) as out:
                shutil.copyfileobj(sound, out, _PIECE)

    def _part(self, export: str) -> Path:
        return self._work / f"{Path(export_name(export)).name}.part"

    def _index(self, export: str) -> Path:
        return self._part(export).with_suffix(".index")


def _read_index(said: bytes) -> tuple[int, int, bytes]:
    if len(said) < _INDEX.size:
        raise Unreadable("the index is cut short")
    done, end, checksum = _INDEX.unpack_from(said)
    directory = said[_INDEX.size :]
    if zlib.crc32(directory) != checksum:
        raise Unreadable("the index is damaged")
    return done, end, directory


def _file_name(entry: Exportable) -> str:
    """By time, so that a listing is in order; only our own characters."""
    return f"{entry.started_at:%Y%m%dT%H%M%SZ}-{entry.call}.flac"


def _row(archive: zipfile.ZipFile, entry: Exportable) -> _Row:
    """A line of the manifest, from what the archive really holds."""
    name = _file_name(entry)
    held = name in archive.NameToInfo
    digest, size = _digest(archive, name) if held else ("", 0)
    return {
        "file": name if held else "",
        "call": entry.call,
        "started_at": _when(entry.started_at),
        "direction": entry.direction,
        "from": entry.from_number,
        "to": entry.to_number,
        "center": entry.center,
        "agent": entry.agent,
        "seconds": entry.seconds if held else None,
        "talked_seconds": entry.talked_seconds,
        "bytes": size if held else None,
        "sha256": digest,
        "intact": (digest == entry.sha256 if entry.sha256 else None) if held else None,
        "flags": " ".join(entry.flags),
    }


def _digest(archive: zipfile.ZipFile, name: str) -> tuple[str, int]:
    """SHA-256 and length. Reading to the end also proves the entry's CRC."""
    digest, size = hashlib.sha256(), 0
    with archive.open(name) as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size


def _as_json(task: ExportTask, rows: Sequence[_Row]) -> str:
    said = {"export": task.id, "asked_by": task.by, "asked_at": _when(task.asked_at), "recordings": rows}
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


def _as_csv(rows: Sequence[_Row]) -> str:
    out = io.StringIO(newline="")
    lines = csv.writer(out)
    lines.writerow(_COLUMNS)
    lines.writerows([_cell(row[name]) for name in _COLUMNS] for row in rows)
    return "\ufeff" + out.getvalue()  # spreadsheets take a file without this mark for Latin-1


def _cell(value: str | float | bool | None) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return "'" + value if value.startswith(_FORMULA) else value
        case _:
            return f"{value:.10g}"


def _when(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
