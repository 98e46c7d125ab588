"""Three books of the same calls: what SIP saw outside, what the bridge wrote, what Asterisk's own files say.

An entry is (direction, the number outside, whether it was answered). Inbound «answered» means by an agent's phone,
outbound by the customer's.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from dialplan.journal import CDR_COLUMNS, CDR_FILE
from pbx_bridge.core.ids import ChannelId, attempt_of_channel

from .carrier import BookedCall

if TYPE_CHECKING:
    from pbx_bridge.store.pool import Connection

_TRUNK = "PJSIP/carrier-"


class Entry(NamedTuple):
    direction: Literal["in", "out"]
    number: str
    answered: bool


Book = Counter[Entry]


def drift(sip: Book, bridge: Book, asterisk: Book) -> dict[str, int]:
    """For each book, how many entries it has too many or too few compared with what at least two books agree on."""
    agreed: Book = Counter()
    for entry in {*sip, *bridge, *asterisk}:
        agreed[entry] = sorted((sip[entry], bridge[entry], asterisk[entry]))[1]
    return {
        name: sum(abs(book[entry] - agreed[entry]) for entry in {*book, *agreed})
        for name, book in (("sip", sip), ("bridge", bridge), ("asterisk", asterisk))
    }


def sip_book(carrier: Iterable[BookedCall], taken: Iterable[str]) -> Book:
    """`taken`: the customers' numbers of the calls that agents' phones answered."""
    by_agents = Counter(taken)
    book: Book = Counter()
    for call in carrier:
        answered = call.answered
        if call.inbound:
            answered = by_agents[call.customer] > 0
            by_agents[call.customer] -= answered
        book[Entry("in" if call.inbound else "out", call.customer, answered)] += 1
    return book


async def bridge_book(connection: "Connection", since: float) -> Book:
    """From the tables; `since` is epoch seconds. An outbound call is judged by its attempt where it has one."""
    rows = await connection.fetch(
        """SELECT CASE direction WHEN 'inbound' THEN 'in' ELSE 'out' END AS direction, other_number AS number,
                  CASE WHEN call.attempt IS NOT NULL THEN attempt.answered_at IS NOT NULL
                       ELSE call.answered_at IS NOT NULL END AS answered
           FROM call LEFT JOIN attempt ON attempt.id = call.attempt
           WHERE direction <> 'internal' AND started_at >= to_timestamp($1)""",
        since,
    )
    return Counter(Entry(row["direction"], row["number"], row["answered"]) for row in rows)


def asterisk_book(log_dir: Path, since: float, attempts: Mapping[str, str]) -> Book:
    """From Asterisk's CDR file, one entry a call. `attempts`: attempt id → number, since a leg that Asterisk
    originated says in its record which attempt it was, not whom it dialed."""
    columns = [name for name, _ in CDR_COLUMNS]
    calls: dict[tuple[str, str], Entry] = {}
    with (log_dir / CDR_FILE).open(newline="") as lines:
        for line in csv.reader(lines):
            row = dict(zip(columns, line, strict=False))
            entry = _entry(row, attempts)
            if entry is not None and float(row["started_at"]) >= since:
                key = (row["boot"], row["linkedid"])
                before = calls.get(key)
                calls[key] = entry._replace(answered=entry.answered or (before is not None and before.answered))
    return Counter(calls.values())


def _entry(row: dict[str, str], attempts: Mapping[str, str]) -> Entry | None:
    answered = row["disposition"] == "ANSWERED"
    attempt = attempt_of_channel(ChannelId(row["uniqueid"]))
    if attempt is not None:
        return Entry("out", attempts.get(attempt, attempt), answered)
    if row["channel"].startswith(_TRUNK):
        return Entry("in", row["src"], answered and row["dst_channel"].startswith("PJSIP/"))
    if row["dst_channel"].startswith(_TRUNK):
        return Entry("out", row["dst"], answered)
    return None
