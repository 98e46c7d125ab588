"""Pages by keyset: a cursor names the row a page ended at, so a deep page costs what the first one does, and rows that
arrive meanwhile shift nothing."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Struct

from pbx_bridge.ports.history import BadCursor, Page

if TYPE_CHECKING:
    from asyncpg import Record

    from .pool import Connection

T = TypeVar("T")
MOST_ROWS = 1000


class Cursor(Struct, frozen=True, array_like=True):
    """Rows before (`newer` False) or after the row (at, id), which is itself not shown again."""

    newer: bool
    at: datetime
    id: int | str


def written(cursor: Cursor) -> str:
    """The cursor as a browser carries it: opaque, fit for a URL."""
    return urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def read(text: str, id_type: type[int] | type[str]) -> Cursor:
    """The other way. Raises `BadCursor`."""
    try:
        cursor = msgspec.json.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=Cursor)
    except ValueError:
        raise BadCursor("no cursor of ours") from None
    if type(cursor.id) is not id_type or cursor.at.tzinfo is None or abs(hash(cursor.id)) >= 2**63:
        raise BadCursor("no cursor of ours")
    return cursor


class Where:
    """Conditions and their values, numbered as PostgreSQL wants them."""

    def __init__(self) -> None:
        self._conditions: list[str] = []
        self.values: list[object] = []
        self.skewed = False
        """Whether one plan for all values would be a bad one."""

    def add(self, condition: str, *values: object) -> None:
        """`{}` in `condition` stands for each value in turn."""
        first = len(self.values) + 1
        self._conditions.append(condition.format(*(f"${number}" for number in range(first, first + len(values)))))
        self.values += values

    def period(self, column: str, since: datetime | None, until: datetime | None) -> None:
        """Half-open: `since` belongs to it, `until` does not."""
        if since is not None:
            self.add(f"{column} >= {{}}", since)
        if until is not None:
            self.add(f"{column} < {{}}", until)

    def prefix(self, columns: Sequence[str], number: str) -> None:
        """Numbers that begin so, in any of `columns` (collated "C"); a leading 0 also means Japan's +81."""
        prefixes = [number, "+81" + number[1:]] if number.startswith("0") else [number]
        ranges = [(column, prefix) for column in columns for prefix in prefixes]
        condition = " OR ".join(f"({column} >= {{}} AND {column} < {{}})" for column, _ in ranges)
        self.skewed = True
        bounds = [bound for _, prefix in ranges for bound in (prefix, prefix + "\U0010ffff")]
        self.add(f"({condition})", *bounds)

    def text(self) -> str:
        """What follows WHERE."""
        return " AND ".join(self._conditions) or "true"


async def page(
    connection: "Connection",
    sql: str,
    where: Where,
    key: tuple[str, str],
    cursor: str | None,
    limit: int,
    record: "Callable[[Record], T]",
    id_type: type[int] | type[str] = int,
) -> Page[T]:
    """One page of `sql`, newest first. Its `{where}` and `{order}` are filled in; its rows carry `key_at` and `key_id`.

    `key` names the time and id columns inside the query. The plan is a range of one index: the condition
    on (time, id) and the order are the index's own.
    """
    limit = max(1, min(limit, MOST_ROWS))
    at, id = key
    place = read(cursor, id_type) if cursor else None
    if place is not None:
        where.add(f"({at}, {id}) {'>' if place.newer else '<'} ({{}}, {{}})", place.at, place.id)
    way = "ASC" if place is not None and place.newer else "DESC"
    order = f"ORDER BY {at} {way}, {id} {way} LIMIT {limit + 1}"
    rows = await _fetch(connection, sql.format(where=where.text(), order=order), where)
    more = len(rows) > limit
    if way == "ASC":  # the query shows newest first either way: the one too many is the first
        rows, older, newer = rows[-limit:], True, more
    else:
        rows, older, newer = rows[:limit], more, place is not None
    return Page(
        rows=[record(row) for row in rows],
        older=_edge(rows[-1:], newer=False) if older else None,
        newer=_edge(rows[:1], newer=True) if newer else None,
    )


async def _fetch(connection: "Connection", sql: str, where: Where) -> "list[Record]":
    """A prefix fits one row or all of them: PostgreSQL shall plan for this one, not for any (`plan_cache_mode`)."""
    if not where.skewed:
        return await connection.fetch(sql, *where.values)
    async with connection.transaction(readonly=True):
        await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        return await connection.fetch(sql, *where.values)


def _edge(rows: "Sequence[Record]", *, newer: bool) -> str | None:
    return written(Cursor(newer, rows[0]["key_at"], rows[0]["key_id"])) if rows else None
