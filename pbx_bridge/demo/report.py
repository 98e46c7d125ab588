"""The demo's figures at its end (`--report`), as the contract names them."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from .books import Book, asterisk_book, bridge_book, disagreements, drift, sip_book
from .carrier import BookedCall

if TYPE_CHECKING:
    from pbx_bridge.store.pool import Connection, Pool


class Calls(Struct, frozen=True):
    inbound: int
    answered: int
    abandoned: int
    outbound: int


class Milliseconds(Struct, frozen=True):
    """None: nothing was measured."""

    p50: float | None
    p99: float | None


class Report(Struct, frozen=True):
    ready_s: float
    agents_signed_in: int
    """Most at once."""
    calls: Calls
    attempts: dict[str, int]
    drop_rate: float
    answer_to_agent_ms: Milliseconds
    cdr_rows: int
    recordings: int
    peaks: int
    drift: dict[str, int]
    """Of each book against what two of the three agree on; empty where the carrier was somebody else's."""
    disagreements: list[str]
    """The calls behind the drift."""
    errors: list[str]


class Seen(Struct, frozen=True):
    """What the traffic itself saw."""

    ready_s: float
    since: float
    """Epoch seconds."""
    signed_in: int
    carrier: list[BookedCall] | None
    """None: the carrier was somebody else's."""
    taken: list[str]
    """Customers' numbers of the calls that agents' phones answered."""
    errors: list[str]


async def report(pool: "Pool", seen: Seen, asterisk_log: Path, vault: Path) -> Report:
    """Read the tables, Asterisk's files and the vault."""
    async with pool.acquire() as connection:
        calls = dict(await connection.fetchrow(_CALLS, seen.since) or {})
        attempts = {row["result"]: row["n"] for row in await connection.fetch(_ATTEMPTS, seen.since)}
        waits = [row["waited_seconds"] * 1000 for row in await connection.fetch(_WAITS, seen.since)]
        cdr_rows = await connection.fetchval(_CDR_ROWS, seen.since)
        kept = [vault / row["path"] for row in await connection.fetch(_KEPT, seen.since)]
        numbers = {row["id"]: row["number"] for row in await connection.fetch("SELECT id, number FROM attempt")}
        books = await _books(connection, seen, asterisk_log, numbers)
    answered = attempts.get("connected", 0) + attempts.get("abandoned", 0)
    return Report(
        ready_s=round(seen.ready_s, 2),
        agents_signed_in=seen.signed_in,
        calls=Calls(**calls),
        attempts=attempts,
        drop_rate=attempts.get("abandoned", 0) / answered if answered else 0.0,
        answer_to_agent_ms=Milliseconds(_percentile(waits, 0.5), _percentile(waits, 0.99)),
        cdr_rows=cdr_rows,
        recordings=sum(path.exists() for path in kept),
        peaks=sum(path.with_suffix(".dat").exists() for path in kept),
        drift=drift(*books) if books else {},
        disagreements=disagreements(*books) if books else [],
        errors=seen.errors,
    )


async def _books(
    connection: "Connection", seen: Seen, asterisk_log: Path, numbers: dict[str, str]
) -> tuple[Book, Book, Book] | None:
    if seen.carrier is None:
        return None
    return (
        sip_book([call for call in seen.carrier if call.started_at >= seen.since], seen.taken),
        await bridge_book(connection, seen.since),
        asterisk_book(asterisk_log, seen.since, numbers),
    )


def _percentile(values: list[float], share: float) -> float | None:
    """Nearest rank."""
    return round(sorted(values)[max(0, math.ceil(share * len(values)) - 1)], 1) if values else None


_CALLS = """
SELECT count(*) FILTER (WHERE direction = 'inbound')::int AS inbound,
       count(*) FILTER (WHERE direction = 'inbound' AND result = 'answered')::int AS answered,
       count(*) FILTER (WHERE direction = 'inbound' AND result = 'abandoned')::int AS abandoned,
       count(*) FILTER (WHERE direction IN ('outbound', 'campaign'))::int AS outbound
FROM call WHERE started_at >= to_timestamp($1)
"""
_ATTEMPTS = """
SELECT result, count(*)::int AS n FROM attempt
WHERE result IS NOT NULL AND placed_at >= to_timestamp($1) GROUP BY result ORDER BY result
"""
_WAITS = """
SELECT waited_seconds FROM attempt WHERE result = 'connected' AND placed_at >= to_timestamp($1)
"""
_CDR_ROWS = "SELECT count(*) FROM cdr WHERE started_at >= to_timestamp($1)"
_KEPT = "SELECT path FROM recording WHERE state = 'ready' AND started_at >= to_timestamp($1)"
