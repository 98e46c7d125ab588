"""Three books of the same calls: what SIP saw outside, what the bridge wrote, what Asterisk's own files say.

An entry is (direction, the number outside, whether it was answered). Inbound «answered» means by an agent's phone,
outbound by the customer's.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from dialplan.journal import CDR_COLUMNS, CDR_FILE, CEL_COLUMNS, CEL_FILE
from pbx_bridge.core.contexts import LINE
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
    agreed = _agreed(sip, bridge, asterisk)
    return {
        name: sum(abs(book[entry] - agreed[entry]) for entry in {*book, *agreed})
        for name, book in (("sip", sip), ("bridge", bridge), ("asterisk", asterisk))
    }


def disagreements(sip: Book, bridge: Book, asterisk: Book) -> list[str]:
    """Every entry that is not the same in all three, one line each."""
    return [
        f"{entry.direction} {entry.number} {'answered' if entry.answered else 'not answered'}:"
        f" sip {sip[entry]}, bridge {bridge[entry]}, asterisk {asterisk[entry]}"
        for entry in sorted({*sip, *bridge, *asterisk})
        if not sip[entry] == bridge[entry] == asterisk[entry]
    ]


def _agreed(*books: Book) -> Book:
    """The middle count of each entry."""
    return Counter({entry: sorted(book[entry] for book in books)[1] for entry in set().union(*books)})


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
    """From Asterisk's CDR file, and for campaigns' calls its CEL file: bridged to an agent's open line, such a call is
    party B of the line's record and has none of its own. `attempts`: attempt id → number, since Asterisk's files say
    which attempt a leg was, not whom it dialed."""
    entries: dict[tuple[str, str], Entry] = {}
    for row in _rows(log_dir / CDR_FILE, CDR_COLUMNS):
        if float(row["started_at"]) >= since:
            _note(entries, (row["boot"], row["linkedid"]), _of_cdr(row))
    for row in _rows(log_dir / CEL_FILE, CEL_COLUMNS):
        if float(row["at"]) >= since:
            _note(entries, (row["boot"], row["uniqueid"]), _of_cel(row, attempts))
    return Counter(entries.values())


def _rows(path: Path, columns: tuple[tuple[str, str], ...]) -> Iterator[dict[str, str]]:
    names = [name for name, _ in columns]
    if path.exists():
        with path.open(newline="") as lines:
            yield from (dict(zip(names, line, strict=False)) for line in csv.reader(lines))


def _note(entries: dict[tuple[str, str], Entry], key: tuple[str, str], entry: Entry | None) -> None:
    """One entry a call, answered if any of its records says so."""
    if entry is not None:
        before = entries.get(key)
        entries[key] = entry._replace(answered=entry.answered or (before is not None and before.answered))


def _of_cdr(row: dict[str, str]) -> Entry | None:
    answered = row["disposition"] == "ANSWERED"
    if row["channel"].startswith(_TRUNK) and not attempt_of_channel(ChannelId(row["uniqueid"])):
        return Entry("in", row["src"], answered and row["dst_channel"].startswith("PJSIP/"))
    if row["dst_channel"].startswith(_TRUNK) and row["context"] != LINE:
        return Entry("out", row["dst"], answered)
    return None


def _of_cel(row: dict[str, str], attempts: Mapping[str, str]) -> Entry | None:
    attempt = attempt_of_channel(ChannelId(row["uniqueid"]))
    if attempt is None or row["event"] not in ("CHAN_START", "ANSWER"):
        return None
    return Entry("out", attempts.get(attempt, attempt), row["event"] == "ANSWER")
