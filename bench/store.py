"""The store beside plain asyncpg: journal rows written so that none comes twice, and history pages however deep."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, TypeVar

from bench.rounds import Row, medians, row
from pbx_bridge.core.ids import NodeId
from pbx_bridge.parts import postgres
from pbx_bridge.ports.history import CallFilter
from pbx_bridge.store.history import HistoryRows
from pbx_bridge.store.journal import SQL as JOURNAL_SQL
from pbx_bridge.store.journal import Row as CdrRow
from pbx_bridge.store.journal import store_rows
from pbx_bridge.store.journal_lines import COLUMNS, parse
from pbx_bridge.store.keyset import Cursor, written
from pbx_bridge.store.migrate import migrate
from pbx_bridge.store.pool import Connection, open_pool

if TYPE_CHECKING:
    from pbx_bridge.store.pool import Pool

_BATCH, _SINGLES, _ROUNDS = 1_000, 150, 9
_CALLS, _DEEP, _PAGE = 1_000_000, 400_000, 50
_NODE = NodeId("bench")
_NAMES = ("node", "file", "line_offset", *COLUMNS["cdr"])
_INSERT = f"INSERT INTO cdr ({', '.join(_NAMES)}) VALUES ({', '.join(f'${n}' for n in range(1, len(_NAMES) + 1))})"  # noqa: S608
T = TypeVar("T")


def run() -> list[Row]:
    folder = Path(tempfile.mkdtemp(prefix="pbx-bench-"))
    server = postgres.start(folder)
    try:
        with asyncio.Runner() as runner:
            pool = runner.run(_open(server.dsn))
            try:
                return [*_writes(runner, pool), *_pages(runner, pool)]
            finally:
                runner.run(pool.close())
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def _open(dsn: str) -> "Pool":
    pool = await open_pool(dsn, size=2)
    await migrate(pool)
    return pool


def _writes(runner: asyncio.Runner, pool: "Pool") -> list[Row]:
    """Rows a second of the real table with its indexes, `synchronous_commit` on; every batch is new."""
    made = _Rows()

    def timed(write: Callable[[Connection, list[CdrRow]], Awaitable[None]], count: int) -> float:
        async def once() -> float:
            rows = made.next(count)
            async with pool.acquire() as connection:
                began = time.perf_counter()
                await write(connection, rows)
                return (time.perf_counter() - began) / count

        return runner.run(once())

    took = medians(
        {
            "insert": lambda: timed(_insert_each, _SINGLES),
            "copy": lambda: timed(_copy, _BATCH),
            "journal": lambda: timed(_journal, _BATCH),
            "again": lambda: timed(_over_stage, _BATCH),
        },
        _ROUNDS,
    )
    rate = {name: 1 / seconds for name, seconds in took.items()}
    single, copy, journal = rate["insert"], rate["copy"], rate["journal"]
    return [
        row("store", "CDR: INSERT, a transaction each", single, "rows/s"),
        row("store", "CDR: plain COPY of 1,000", copy, "rows/s", copy / single),
        row("store", "CDR: journal, 1,000 with its position", journal, "rows/s", journal / single, 12.0),
        row("store", "CDR: journal, share of COPY's speed", journal, "rows/s", journal / copy, 0.65),
        row("store", "CDR: over the stage, half known already", rate["again"], "rows/s", rate["again"] / single),
    ]


class _Rows:
    """Rows as the journal's reader makes them, each at an offset of its own."""

    def __init__(self) -> None:
        self._line = b",".join(
            b'"%s"' % word
            for word in (
                b"boot", b"1790000000.1", b"1790000000.1", b"1", b"1790000000.250000", b"1790000003.250000",
                b"1790000063.250000", b"63", b"60", b"ANSWERED", b'""A"" <+819011112222>', b"+819011112222", b"7000",
                b"from-carrier", b"PJSIP/carrier-00000001", b"PJSIP/1001-00000002", b"Queue", b"center-7000,t,,,60",
                b"", b"", b"",
            )
        )  # fmt: skip
        self._offset = 0

    def next(self, count: int) -> list[CdrRow]:
        values = parse("cdr", self._line)
        first, self._offset = self._offset, self._offset + count
        return [(_NODE, b"f" * 16, offset, *values) for offset in range(first, first + count)]


async def _insert_each(connection: Connection, rows: list[CdrRow]) -> None:
    for one in rows:
        await connection.execute(_INSERT, *one)


async def _copy(connection: Connection, rows: list[CdrRow]) -> None:
    await connection.copy_records_to_table("cdr", records=rows, columns=_NAMES)


async def _journal(connection: Connection, rows: list[CdrRow]) -> None:
    async with connection.transaction():
        await store_rows(connection, "cdr", rows)
        await connection.execute(JOURNAL_SQL["advance"], _NODE, "cdr", b"f" * 16, rows[-1][2])


async def _over_stage(connection: Connection, rows: list[CdrRow]) -> None:
    """The worst case: somebody moved the position back."""
    known = [(*one[:2], -int(str(one[2])) - 1, *one[3:]) for one in rows[: len(rows) // 2]]
    if not await connection.fetchval("SELECT 1 FROM cdr WHERE line_offset = $1", known[0][2]):
        await _copy(connection, known)
    await _journal(connection, [*known, *rows[len(rows) // 2 :]])


def _pages(runner: asyncio.Runner, pool: "Pool") -> list[Row]:
    runner.run(_fill(pool))
    deep = runner.run(_deep_cursor(pool))
    histories = HistoryRows(pool)

    def page(cursor: str | None) -> float:
        return runner.run(_several(lambda: histories.calls(CallFilter(), cursor, _PAGE), 20))

    def offset() -> float:
        sql = f"SELECT * FROM call ORDER BY started_at DESC, id DESC LIMIT {_PAGE} OFFSET {_DEEP}"  # noqa: S608
        return runner.run(_several(lambda: pool.fetch(sql), 1))

    took = medians({"first": lambda: page(None), "deep": lambda: page(deep), "offset": offset}, _ROUNDS)
    ms = {name: seconds * 1000 for name, seconds in took.items()}
    return [
        row("store", f"history: OFFSET {_DEEP:,} of {_CALLS:,}", ms["offset"], "ms"),
        row("store", "history: the first page, names joined", ms["first"], "ms", ms["offset"] / ms["first"]),
        row("store", "history: the page at that depth", ms["deep"], "ms", ms["offset"] / ms["deep"], 50.0),
        row("store", "history: first page's time over the deep one's", ms["deep"], "ms", ms["first"] / ms["deep"], 0.5),
    ]


async def _several(ask: Callable[[], Coroutine[object, object, object]], times: int) -> float:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        await ask()
        took.append(time.perf_counter() - began)
    return median(took)


async def _fill(pool: "Pool") -> None:
    await pool.execute(
        """INSERT INTO call (id, node, boot, channel, direction, from_number, to_number, started_at, answered_at,
                             ended_at, result, waited_seconds, talked_seconds, agent, center)
           SELECT lpad(to_hex(n), 12, '0'), 'bench', 'boot', n::text, 'inbound', '+8190' || lpad(n::text, 8, '0'),
                  '7000',
                  at, at + interval '3 s', at + interval '63 s', 'answered', 3, 60, n % 200, n % 5
           FROM (SELECT n, $2::timestamptz + n * interval '1 s' AS at FROM generate_series(1, $1::bigint) n) k""",
        _CALLS,
        datetime(2026, 1, 1, tzinfo=UTC),
        timeout=600,
    )
    await pool.execute("VACUUM ANALYZE call", timeout=600)


async def _deep_cursor(pool: "Pool") -> str:
    found = await pool.fetchrow(
        "SELECT started_at, id FROM call ORDER BY started_at DESC, id DESC LIMIT 1 OFFSET $1", _DEEP
    )
    assert found is not None
    return written(Cursor(False, found["started_at"], found["id"]))
