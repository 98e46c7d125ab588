"""Asterisk's books correct the live view: calls it lost get their true end, calls it never saw get their row."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from pbx_bridge.core import contexts
from pbx_bridge.core.calendar import Calendar, is_open
from pbx_bridge.core.call import endpoint_of, unanswered_result
from pbx_bridge.core.facts import CallResult, Direction, EndedBy
from pbx_bridge.core.ids import BootId, CallId, ChannelId, NodeId, attempt_of_channel, call_id
from pbx_bridge.core.numbering import Numbering

from . import callbacks
from .directory import read_numbering
from .pool import Connection, Pool, connected
from .statements import statements

if TYPE_CHECKING:
    from asyncpg import Record

SQL = statements("repair")
GRACE = timedelta(seconds=30)
"""How long after a channel's end the live view may still be writing down what it saw itself."""
MOST = 2_000
"""Calls written in one transaction."""
_BEGINNING = timedelta(days=7)
"""How far back the first run looks."""


class _Hangup(Struct, frozen=True):
    """CEL's HANGUP `extra` (https://docs.asterisk.org/Configuration/Reporting/Channel-Event-Logging-CEL/)."""

    hangupcause: int = 0
    hangupsource: str = ""
    """The channel that hung up first, as far as its driver tells: empty or `dialplan/…` when Asterisk did."""
    dialstatus: str = ""


class _Known(Struct, frozen=True):
    """What tells a call's beginning: how numbers are written, which are dial operations, whose phones are ours."""

    numbering: Numbering
    services: frozenset[str]
    endpoints: frozenset[str]
    extensions: frozenset[str]


class Repaired(Struct, frozen=True):
    """Calls that got their true end, and calls that got their row."""

    settled: int
    found: int


class _Pass(Struct, frozen=True):
    """One transaction's worth; `more`: there may be others."""

    settled: int
    found: int
    more: bool


async def repair(pool: Pool, node: NodeId, grace: timedelta = GRACE) -> Repaired:
    """As far as the journal has been read. Repeating it changes nothing. Raises `Unreachable`: what was done stays.

    In passes of `MOST`, each a transaction: after a day without the bridge there are many.
    """
    settled = found = 0
    while True:
        done = await _pass(pool, node, grace)
        settled, found = settled + done.settled, found + done.found
        if not done.more:
            return Repaired(settled, found)


async def _pass(pool: Pool, node: NodeId, grace: timedelta) -> _Pass:
    async with connected(pool) as connection, connection.transaction():
        horizon: datetime | None = await connection.fetchval(SQL["horizon"], node)
        if horizon is None:
            return _Pass(0, 0, more=False)
        now: datetime = await connection.fetchval("SELECT now()")
        to = min(horizon, now - grace)
        since: datetime = await connection.fetchval(SQL["repaired_to"], node) or to - _BEGINNING
        rows = await connection.fetch(SQL["unseen"], node, since, to, MOST)
        more = len(rows) == MOST
        if more:
            to = rows[-1]["ended_at"] - timedelta(microseconds=1)  # others may have ended at that very instant
        found = await _write_unseen(connection, node, rows)
        await connection.execute(SQL["advance"], node, to)
        settled = await _settle(connection, node, to, horizon)
        told = [row["call"] for row in await connection.fetch(SQL["tell"], node, settled, since, to)]
        await connection.execute(SQL["promise"], told)
        await callbacks.more_known(connection, [*settled, *told])
        await callbacks.close(connection, settled)
        await connection.execute(SQL["settle_attempts"], node)
    return _Pass(len(settled), found, more or len(settled) == MOST)


async def _write_unseen(connection: Connection, node: NodeId, rows: "list[Record]") -> int:
    known = await _known(connection) if rows else _Known(Numbering(), frozenset(), frozenset(), frozenset())
    starts = [start for row in rows if (start := await _start(connection, node, row, known)) is not None]
    await connection.executemany(SQL["start"], starts)
    return len(starts)


async def _known(connection: Connection) -> _Known:
    services = frozenset(row["number"] for row in await connection.fetch(SQL["services"]))
    terminals = await connection.fetch(SQL["terminals"])
    endpoints = frozenset(row["endpoint"] for row in terminals)
    extensions = frozenset(row["extension"] for row in terminals if not row["outside"])
    return _Known(await read_numbering(connection), services, endpoints, extensions)


async def _start(connection: Connection, node: NodeId, row: "Record", known: _Known) -> tuple[object, ...] | None:
    boot, channel = BootId(row["boot"]), ChannelId(row["channel"])
    others: list[str] = []
    if row["context"] == contexts.TERMINALS:
        others = [other["channel"] for other in await connection.fetch(SQL["others"], node, channel, boot)]
    numbers = (row["caller_number"], row["exten"])
    if row["context"] == contexts.FROM_CARRIER:
        numbers = (known.numbering.home(numbers[0]), known.numbering.home(numbers[1]))
    direction = _direction(row["context"], channel, others, known.endpoints)
    if direction is None and row["context"] == contexts.TERMINALS:
        direction = _rang_nowhere(numbers[1], known)
    if direction is None or numbers[1] in known.services:
        return None
    id, attempt = call_id(node, boot, channel), attempt_of_channel(channel)
    return (id, node, boot, channel, row["started_at"], direction, *numbers, attempt)


def _rang_nowhere(dialed: str, known: _Known) -> Direction | None:
    """As `Calls` has it: to a phone or a trunk that is not there, or to a number that may not be called."""
    if dialed in known.extensions:
        return "internal"
    return "outbound" if known.numbering.is_outside(dialed) else None


def _direction(context: str, channel: ChannelId, others: list[str], endpoints: Collection[str]) -> Direction | None:
    """As the switchboard would have had it; None for what is nobody's call (a dial code, an open line)."""
    if attempt_of_channel(channel) is not None:
        return "campaign"
    if context == contexts.FROM_CARRIER:
        return "inbound"
    called = [endpoint_of(other) for other in others if endpoint_of(other)]
    if context != contexts.TERMINALS or not called:
        return None
    return "internal" if any(endpoint in endpoints for endpoint in called) else "outbound"


async def _settle(connection: Connection, node: NodeId, to: datetime, horizon: datetime) -> list[CallId]:
    """Open calls that ended by `to`, and at once what the live view has given up for lost."""
    rows = await connection.fetch(SQL["unsettled"], node, to, horizon, MOST)
    endpoints = (await _known(connection)).endpoints if rows else frozenset()
    ends = []
    for row in rows:
        hangup = _hangup(row["hangup"])
        end = (row["id"], row["bridged_at"], row["ended_at"], _result(row, hangup), hangup.hangupcause)
        ends.append((*end, _ended_by(row, hangup.hangupsource, endpoints)))
    await connection.executemany(SQL["settle"], ends)
    settled = [CallId(end[0]) for end in ends]
    for statement in ("tell_answers", "correct_ends", "tell_ends", "end_recordings"):
        await connection.execute(SQL[statement], settled)
    return settled


def _ended_by(row: "Record", source: str, endpoints: Collection[str]) -> EndedBy:
    """Who hung up, by the name of their channel; as the switchboard would have had it."""
    if not endpoint_of(source):
        return "unknown"
    if endpoint_of(source) in endpoints:
        return "agent"
    began = source == row["channel_name"]
    return "customer" if began == (row["direction"] in ("inbound", "campaign")) else "agent"


def _hangup(extra: str | None) -> _Hangup:
    try:
        return msgspec.json.decode(extra or "{}", type=_Hangup)
    except msgspec.DecodeError:
        return _Hangup()


def _result(row: "Record", hangup: _Hangup) -> CallResult:
    if row["answered"] or row["bridged_at"] is not None:
        return "answered"
    if row["promised"]:
        return "callback"
    if _was_closed(row):
        return "closed"
    if row["direction"] in ("outbound", "internal") and row["channels"] == 1 and not hangup.dialstatus:
        return "failed"  # nobody was dialed at all
    gave_up = row["direction"] == "inbound" or row["queued"]
    if gave_up or (row["direction"] == "campaign" and row["picked_up"]):
        return "abandoned"
    return unanswered_result(hangup.dialstatus, hangup.hangupcause)


def _was_closed(row: "Record") -> bool:
    """As the dialplan decided when the call came: by the center's calendar of today."""
    if row["calendar"] is None or row["seen_queued"]:
        return False
    return not is_open(msgspec.convert(row["calendar"], Calendar), row["started_at"].timestamp())
