"""Follows Asterisk's CDR and CEL files into PostgreSQL: the truth about finished calls.

A line's key is (node, file fingerprint, byte offset), and the position advances in the transaction that writes the
rows: whatever dies whenever, no line is missing and none is there twice (ADR 0004).
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
from msgspec import Struct

from dialplan.journal import CDR_FILE, CEL_FILE
from pbx_bridge.core.errors import Unreachable
from pbx_bridge.core.ids import NodeId

from .journal_files import JournalFile, files, read_block
from .journal_lines import COLUMNS, BadLine, Book, Line, Value, parse, split
from .pool import connected
from .statements import statements

if TYPE_CHECKING:
    from .pool import Connection, Pool

SQL = statements("journal")
_log = logging.getLogger(__name__)
_KEPT_BYTES = 4096
"""Of a rejected line."""
Row = tuple[Value | bytes, ...]


class Reject(Struct, frozen=True):
    """A line that is no record, and why."""

    line: Line
    reason: str


async def store_rows(connection: "Connection", book: Book, rows: Sequence[Row]) -> None:
    """Append to the book inside the caller's transaction; a row that is there already stays as it is.

    COPY straight into the table is the fast road. It fails as a whole when one row is known, which only happens after
    somebody moved the position back: then the rows go over a stage, where ON CONFLICT can tell them apart.
    """
    columns = ("node", "file", "line_offset", *COLUMNS[book])
    try:
        async with connection.transaction():
            await connection.copy_records_to_table(book, records=rows, columns=columns)
    except asyncpg.UniqueViolationError:
        await _store_over_stage(connection, book, rows, columns)


async def _store_over_stage(connection: "Connection", book: Book, rows: Sequence[Row], columns: Sequence[str]) -> None:
    stage, names = f"stage_{book}", ", ".join(columns)
    async with connection.transaction():
        await connection.execute(SQL[stage])
        await connection.execute(f"TRUNCATE {stage}")
        await connection.copy_records_to_table(stage, records=rows, columns=columns)
        await connection.execute(
            f"INSERT INTO {book} ({names}) SELECT {names} FROM {stage} ON CONFLICT DO NOTHING"  # noqa: S608  our names
        )


class Journal:
    """One node's two books. `folder` is Asterisk's log folder."""

    def __init__(self, pool: "Pool", node: NodeId, folder: Path) -> None:
        self._pool, self._node = pool, node
        self._files: dict[Book, Path] = {"cdr": folder / CDR_FILE, "cel": folder / CEL_FILE}
        self._positions: dict[tuple[Book, bytes], int] | None = None
        self.lines = 0
        """Written since the start."""
        self.rejected = 0

    async def follow(self, poll_seconds: float = 0.5) -> None:
        """Until cancelled. While PostgreSQL is away it waits; the files wait with it."""
        pause = poll_seconds
        while True:
            try:
                await self.catch_up()
                pause = poll_seconds
            except Unreachable as error:
                _log.warning("the journal waits for the database: %s", error)
                pause = min(2 * pause, 5.0)
            except asyncpg.PostgresError:
                # Not away, but at odds with us (a table altered under our feet): the files keep what it refuses.
                _log.exception("the journal cannot be written")
                pause = 5.0
            await asyncio.sleep(pause)

    async def catch_up(self) -> int:
        """Read both books to their present ends and say how many lines that were.

        Raises `Unreachable`; what had been read by then is safe, the rest is read the next time.
        """
        before = self.lines + self.rejected
        try:
            for book, current in self._files.items():
                for file in await asyncio.to_thread(lambda path: list(files(path)), current):
                    await self._read(book, file)
        except Unreachable:
            self._positions = None  # the last transaction may have been committed or not: ask again
            raise
        return self.lines + self.rejected - before

    async def _read(self, book: Book, file: JournalFile) -> None:
        positions = await self._load() if self._positions is None else self._positions
        offset = positions.get((book, file.fingerprint), 0)
        while offset < file.size:
            block = await asyncio.to_thread(read_block, file, offset)
            lines, end = split(block, offset)
            if end == offset:
                return
            await self._store(book, file.fingerprint, lines, end)
            positions[book, file.fingerprint] = offset = end

    async def _load(self) -> dict[tuple[Book, bytes], int]:
        books: tuple[Book, ...] = ("cdr", "cel")
        positions: dict[tuple[Book, bytes], int] = {}
        async with connected(self._pool) as connection:
            for book in books:
                for row in await connection.fetch(SQL["positions"], self._node, book):
                    positions[book, row["file"]] = row["read_to"]
        self._positions = positions
        return positions

    async def _store(self, book: Book, file: bytes, lines: Sequence[Line], end: int) -> None:
        rows, rejects = self._parse(book, file, lines)
        async with connected(self._pool) as connection, connection.transaction():
            try:
                await store_rows(connection, book, rows)
            except (asyncpg.DataError, asyncpg.ProgramLimitExceededError, ValueError):
                # Our reader let something through that the database cannot hold: find it, keep the others.
                rejects += await self._store_singly(connection, book, rows, lines)
            await connection.execute(SQL["advance"], self._node, book, file, end)
            if rejects:
                await self._reject(connection, book, file, rejects)
        self.rejected += len(rejects)
        self.lines += len(lines) - len(rejects)

    def _parse(self, book: Book, file: bytes, lines: Iterable[Line]) -> tuple[list[Row], list[Reject]]:
        rows: list[Row] = []
        rejects: list[Reject] = []
        for line in lines:
            try:
                rows.append((self._node, file, line.offset, *parse(book, line.text)))
            except BadLine as error:
                rejects.append(Reject(line, str(error)))
        return rows, rejects

    async def _store_singly(
        self, connection: "Connection", book: Book, rows: Iterable[Row], lines: Iterable[Line]
    ) -> list[Reject]:
        texts = {line.offset: line for line in lines}
        rejects = []
        for row in rows:
            try:
                async with connection.transaction():
                    await store_rows(connection, book, [row])
            except (asyncpg.DataError, asyncpg.ProgramLimitExceededError, ValueError) as error:
                offset = row[2]
                assert isinstance(offset, int)
                rejects.append(Reject(texts[offset], str(error)))
        return rejects

    async def _reject(self, connection: "Connection", book: Book, file: bytes, rejects: Iterable[Reject]) -> None:
        rows = [
            (self._node, book, file, bad.line.offset, bad.reason.replace("\0", "")[:500], bad.line.text[:_KEPT_BYTES])
            for bad in rejects
        ]
        await connection.executemany(SQL["reject"], rows)
        _log.warning("%d lines of the %s journal are no records; see table journal_reject", len(rows), book)
