"""What the live view lost or never saw, Asterisk's channel events put right; the last word is spoken once."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pbx_bridge.core import facts as f
from pbx_bridge.core.ids import BootId, CallId, ChannelId, attempt_channel, attempt_id, call_id
from pbx_bridge.store.claims import Claims
from pbx_bridge.store.facts import FactWriter
from pbx_bridge.store.journal import Journal
from pbx_bridge.store.repair import Repaired, repair
from tests.store.books import T0, Books, cel_line
from tests.store.rows import NODE, add_agent, add_center, add_job, add_leads

if TYPE_CHECKING:
    from pbx_bridge.store.pool import Pool

BOOT = BootId("boot")


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books(tmp_path / "log")


def first(uniqueid: str, at: float, context: str = "from-carrier", exten: str = "0312345678") -> bytes:
    caller = {
        "context": context,
        "exten": exten,
        "caller_number": "+819011112222",
        "channel": f"PJSIP/carrier-{uniqueid}",
    }
    return cel_line("CHAN_START", uniqueid, at, caller)


def second(uniqueid: str, of: str, at: float, endpoint: str = "1001") -> bytes:
    return cel_line("CHAN_START", uniqueid, at, {"linkedid": of, "channel": f"PJSIP/{endpoint}-0000"})


def bridged(uniqueid: str, at: float, technology: str = "simple_bridge") -> bytes:
    return cel_line("BRIDGE_ENTER", uniqueid, at, {"extra": f'{{"bridge_id":"b","bridge_technology":"{technology}"}}'})


def ended(uniqueid: str, at: float, cause: int = 16, dialstatus: str = "") -> bytes:
    extra = f'{{"hangupcause":{cause},"hangupsource":"","dialstatus":"{dialstatus}"}}'
    return cel_line("HANGUP", uniqueid, at, {"extra": extra}) + cel_line("CHAN_END", uniqueid, at)


def started(uniqueid: str, direction: f.Direction = "inbound") -> f.CallStarted:
    call = call_id(NODE, BOOT, ChannelId(uniqueid))
    return f.CallStarted(call, NODE, BOOT, ChannelId(uniqueid), T0, direction, "+819011112222", "0312345678")


async def read(pool: "Pool", books: Books) -> Repaired:
    await Journal(pool, NODE, books.folder).catch_up()
    return await repair(pool, NODE, timedelta(0))


async def found(pool: "Pool", uniqueid: str) -> tuple[object, ...] | None:
    row = await pool.fetchrow(
        """SELECT result, direction, cause, extract(epoch FROM answered_at - started_at)::float8,
                  extract(epoch FROM ended_at - started_at)::float8, waited_seconds, talked_seconds
           FROM call WHERE channel = $1""",
        uniqueid,
    )
    return tuple(row) if row else None


async def test_a_lost_call_gets_its_true_end(pool: "Pool", books: Books) -> None:
    call = started("1.1").call
    await FactWriter(pool, NODE).commit([started("1.1"), f.CallEnded(call, T0 + 500, "lost")])
    books.tell(first("1.1", T0), second("1.2", "1.1", T0 + 2), bridged("1.1", T0 + 5), bridged("1.2", T0 + 5))
    assert await read(pool, books) == Repaired(0, 0), "it may still be talking"
    books.tell(ended("1.2", T0 + 65), ended("1.1", T0 + 66))
    assert await read(pool, books) == Repaired(settled=1, found=0)
    assert await found(pool, "1.1") == ("answered", "inbound", 16, 5.0, 66.0, 5.0, 61.0)
    assert await read(pool, books) == Repaired(0, 0)


async def told(pool: "Pool", uniqueid: str) -> list[tuple[object, ...]]:
    """The call's steps: what, seconds from its beginning, detail."""
    rows = await pool.fetch(
        """SELECT kind, round(extract(epoch FROM at - started_at))::int, detail
           FROM call_event e JOIN call c ON c.id = e.call WHERE channel = $1 ORDER BY at, e.id""",
        uniqueid,
    )
    return [tuple(row) for row in rows]


async def test_the_story_has_the_true_end_and_only_that(pool: "Pool", books: Books) -> None:
    lost = started("1.1").call
    await FactWriter(pool, NODE).commit([started("1.1"), f.CallRecorded(lost, T0 + 5, "1.1.raw")])
    await FactWriter(pool, NODE).commit([f.CallEnded(lost, T0 + 500, "lost")])
    books.tell(first("1.1", T0), bridged("1.1", T0 + 5), ended("1.1", T0 + 66))
    books.tell(first("2.1", T0 + 600), ended("2.1", T0 + 609))
    await read(pool, books)
    assert await told(pool, "1.1") == [("arrived", 0, ""), ("answered", 5, ""), ("ended", 66, "answered")]
    assert await told(pool, "2.1") == [("arrived", 0, ""), ("ended", 9, "abandoned")]
    assert await pool.fetchval("SELECT state FROM recording") == "spooled"
    await FactWriter(pool, NODE).commit([f.CallEnded(lost, T0 + 501, "lost")])
    assert [step for step in await told(pool, "1.1") if step[0] == "ended"] == [("ended", 66, "answered")]


async def test_what_the_live_view_gave_up_needs_no_grace(pool: "Pool", books: Books) -> None:
    await FactWriter(pool, NODE).commit([started("1.1"), started("2.1")])
    await FactWriter(pool, NODE).commit([f.CallEnded(started("1.1").call, T0 + 500, "lost")])
    books.tell(first("1.1", T0), ended("1.1", T0 + 66), first("2.1", T0), ended("2.1", T0 + 66))
    await Journal(pool, NODE, books.folder).catch_up()
    long_ago = await pool.fetchval("SELECT now() - to_timestamp($1)", T0)
    assert (await repair(pool, NODE, long_ago)).settled == 1
    assert await pool.fetchval("SELECT result FROM call WHERE channel = '2.1'") is None


@pytest.mark.parametrize(
    ("direction", "source", "by"),
    [
        ("inbound", "PJSIP/carrier-1.1", "customer"),
        ("inbound", "PJSIP/1001-0000", "agent"),
        ("inbound", "PJSIP/carrier-0000", "agent"),  # at a mobile
        ("inbound", "", "unknown"),
        ("inbound", "dialplan/builtin", "unknown"),
        ("campaign", "PJSIP/carrier-1.1", "customer"),
        ("outbound", "PJSIP/carrier-0000", "customer"),
        ("outbound", "PJSIP/1001-1.1", "agent"),
        ("outbound", "PJSIP/carrier-1.1", "agent"),  # placed for somebody at a mobile
        ("internal", "PJSIP/1001-0000", "agent"),
    ],
)
async def test_who_hung_up(pool: "Pool", books: Books, direction: f.Direction, source: str, by: str) -> None:
    await add_agent(pool, 1)
    await FactWriter(pool, NODE).commit([started("1.1", direction)])
    own = "PJSIP/1001-1.1" if source.startswith("PJSIP/1001-1.1") else "PJSIP/carrier-1.1"
    extra = {"channel": own, "extra": f'{{"hangupcause":16,"hangupsource":"{source}","dialstatus":""}}'}
    books.tell(first("1.1", T0), cel_line("HANGUP", "1.1", T0 + 9, extra), cel_line("CHAN_END", "1.1", T0 + 9))
    await read(pool, books)
    assert await pool.fetchval("SELECT ended_by FROM call") == by


async def test_an_open_call_whose_channels_are_gone_is_ended(pool: "Pool", books: Books) -> None:
    await FactWriter(pool, NODE).commit([started("1.1"), started("2.1", "outbound"), started("3.1", "internal")])
    books.tell(first("1.1", T0), ended("1.1", T0 + 9))
    books.tell(
        first("2.1", T0, "terminals"),
        second("2.2", "2.1", T0),
        ended("2.2", T0 + 4, 17),
        ended("2.1", T0 + 4, 17, "BUSY"),
    )
    books.tell(first("3.1", T0, "terminals"), ended("3.1", T0 + 30, 16, "NOANSWER"))
    assert (await read(pool, books)).settled == 3
    assert await found(pool, "1.1") == ("abandoned", "inbound", 16, None, 9.0, 9.0, None)
    assert await found(pool, "2.1") == ("busy", "outbound", 17, None, 4.0, 4.0, None)
    assert await found(pool, "3.1") == ("no_answer", "internal", 16, None, 30.0, 30.0, None)


async def test_what_the_live_view_saw_stays(pool: "Pool", books: Books) -> None:
    agent = await add_agent(pool, 1)
    call = started("1.1").call
    answered = f.CallAnswered(call, T0 + 4, agent, waited=1.5)
    await FactWriter(pool, NODE).commit([started("1.1"), answered, f.CallEnded(call, T0 + 20, "answered")])
    await FactWriter(pool, NODE).commit(
        [started("2.1"), f.CallAnswered(started("2.1").call, T0 + 4, agent, waited=1.5)]
    )
    books.tell(first("1.1", T0), ended("1.1", T0 + 66), first("2.1", T0), bridged("2.1", T0 + 9), ended("2.1", T0 + 66))
    assert (await read(pool, books)).settled == 1
    assert await found(pool, "1.1") == ("answered", "inbound", 0, 4.0, 20.0, 1.5, 16.0)
    assert await found(pool, "2.1") == ("answered", "inbound", 16, 4.0, 66.0, 1.5, 62.0)


async def test_waiting_alone_in_a_holding_bridge_is_not_talking(pool: "Pool", books: Books) -> None:
    await FactWriter(pool, NODE).commit([started("1.1")])
    books.tell(first("1.1", T0), bridged("1.1", T0 + 1, "holding_bridge"), ended("1.1", T0 + 9))
    await read(pool, books)
    assert await found(pool, "1.1") == ("abandoned", "inbound", 16, None, 9.0, 9.0, None)


async def test_a_customer_who_picked_up_for_nobody_is_abandoned(pool: "Pool", books: Books) -> None:
    books.tell(
        first("attempt-x", T0, "pbx-attempt"), cel_line("ANSWER", "attempt-x", T0 + 5), ended("attempt-x", T0 + 9)
    )
    books.tell(first("attempt-y", T0, "pbx-attempt"), ended("attempt-y", T0 + 25, 16, "NOANSWER"))
    await read(pool, books)
    assert (await found(pool, "attempt-x") or ())[:2] == ("abandoned", "campaign")
    assert (await found(pool, "attempt-y") or ())[:2] == ("no_answer", "campaign")


async def test_calls_nobody_saw_get_their_rows(pool: "Pool", books: Books) -> None:
    """The bridge was dead the whole time."""
    await add_agent(pool, 1)
    center = await add_center(pool)
    await pool.execute("UPDATE center SET number = '0312345678'")
    await pool.execute("INSERT INTO dial_number (number, function) VALUES ('0312345679', 'sign-in')")
    books.tell(
        first("1.1", T0, exten="+81312345678"),
        second("1.2", "1.1", T0 + 1),
        bridged("1.1", T0 + 5),
        ended("1.2", T0 + 9),
        ended("1.1", T0 + 9),
    )
    books.tell(first("5.1", T0, exten="81312345679"), ended("5.1", T0 + 9))
    books.tell(
        first("2.1", T0, "terminals", "1001"), second("2.2", "2.1", T0), ended("2.2", T0 + 9), ended("2.1", T0 + 9)
    )
    books.tell(first("3.1", T0, "terminals", "0335810101"), second("3.2", "3.1", T0, "carrier"))
    books.tell(ended("3.2", T0 + 9), ended("3.1", T0 + 9, 16, "NOANSWER"))
    books.tell(first("4.1", T0, "terminals", "0010"), ended("4.1", T0 + 9))
    assert await read(pool, books) == Repaired(settled=3, found=3)
    assert await found(pool, "1.1") == ("answered", "inbound", 16, 5.0, 9.0, 5.0, 4.0)
    assert (await found(pool, "2.1") or ())[:2] == ("no_answer", "internal")
    assert (await found(pool, "3.1") or ())[:2] == ("no_answer", "outbound")
    assert await found(pool, "4.1") is None, "a dial code is nobody's call"
    id: CallId = await pool.fetchval("SELECT id FROM call WHERE channel = '1.1' AND center = $1", center)
    assert id == call_id(NODE, BOOT, ChannelId("1.1"))
    row = await pool.fetchrow("SELECT from_number, to_number FROM call WHERE channel = '1.1'")
    assert row is not None
    assert tuple(row) == ("09011112222", "0312345678"), "as at home, however the carrier wrote them"
    assert await found(pool, "5.1") is None, "a dial operation from outside is nobody's call"
    assert await read(pool, books) == Repaired(0, 0)


async def test_a_call_to_a_phone_that_is_not_there_is_a_call(pool: "Pool", books: Books) -> None:
    await add_agent(pool, 1)
    books.tell(first("1.1", T0, "terminals", "1001"), ended("1.1", T0 + 1, 20, "CHANUNAVAIL"))
    books.tell(first("2.1", T0, "terminals", "0335810101"), ended("2.1", T0 + 1, 21, ""))
    await read(pool, books)
    assert (await found(pool, "1.1") or ())[:2] == ("failed", "internal")
    assert (await found(pool, "2.1") or ())[:2] == ("failed", "outbound")


async def test_a_call_seen_after_its_beginning_is_not_written_twice(pool: "Pool", books: Books) -> None:
    """Asterisk started first: the channel began before the boot had a name, and the bridge found it while seeding."""
    await FactWriter(pool, NODE).commit([started("1.1")])
    books.tell(first("1.1", T0).replace(b'"boot"', b'""'), bridged("1.1", T0 + 5), ended("1.1", T0 + 9))
    assert await read(pool, books) == Repaired(settled=1, found=0)
    assert await pool.fetchval("SELECT count(*) FROM call") == 1


async def test_the_live_views_late_end_changes_nothing(pool: "Pool", books: Books) -> None:
    await FactWriter(pool, NODE).commit([started("1.1")])
    books.tell(first("1.1", T0), bridged("1.1", T0 + 5), ended("1.1", T0 + 9))
    await read(pool, books)
    before = await found(pool, "1.1")
    await FactWriter(pool, NODE).commit([f.CallEnded(started("1.1").call, T0 + 99, "lost")])
    await FactWriter(pool, NODE).commit([f.CallEnded(started("1.1").call, T0 + 99, "abandoned")])
    assert await found(pool, "1.1") == before


async def test_a_day_without_the_bridge_is_made_up_for_in_passes(
    pool: "Pool", books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pbx_bridge.store.repair.MOST", 7)
    for number in range(50):
        at = T0 + number // 5  # five end at each instant
        books.tell(first(f"{number}.1", at), ended(f"{number}.1", at + 3))
        books.tell(first(f"{number}.2", at, "terminals", "0010"), ended(f"{number}.2", at + 3))
    assert await read(pool, books) == Repaired(settled=50, found=50)
    assert await pool.fetchval("SELECT count(*) FROM call WHERE result = 'abandoned'") == 50


@pytest.mark.parametrize(
    ("story", "result", "lead_state"),
    [("connected", "connected", "done"), ("abandoned", "abandoned", "retry"), ("busy", "busy", "retry")],
)
async def test_a_lost_attempt_learns_what_became_of_it(
    pool: "Pool", books: Books, story: str, result: str, lead_state: str
) -> None:
    job = await add_job(pool)
    leads = await add_leads(pool, job, 1)
    attempt = attempt_id(job, leads[0], 1)
    channel = attempt_channel(attempt)
    await Claims(pool).claim(job, 1, NODE, T0)
    id, number = call_id(NODE, BOOT, channel), "+819011112222"
    call = f.CallStarted(id, NODE, BOOT, channel, T0, "campaign", "03", number, job=job, attempt=attempt)
    await FactWriter(pool, NODE).commit(
        [
            f.AttemptPlaced(attempt, job, leads[0], "+819011112222", 1, T0),
            call,
            f.AttemptEnded(attempt, job, leads[0], T0 + 300, "lost", retry_at=T0 + 3900),
            f.CallEnded(call.call, T0 + 300, "lost"),
        ]
    )
    books.tell(first(channel, T0, "pbx-attempt", "s"))
    if story != "busy":
        books.tell(cel_line("ANSWER", channel, T0 + 8))
    if story == "connected":
        books.tell(bridged(channel, T0 + 9))
    books.tell(ended(channel, T0 + 40, 17 if story == "busy" else 16))
    await read(pool, books)
    row = await pool.fetchrow(
        "SELECT result, extract(epoch FROM answered_at)::float8 - $1::float8 AS answered FROM attempt", T0
    )
    assert row is not None
    assert row["result"] == result
    assert row["answered"] == (None if story == "busy" else 8.0)
    assert await pool.fetchval("SELECT state FROM lead") == lead_state


async def test_a_key_that_only_asterisks_book_has_makes_a_listed_caller_one_who_asked(
    pool: "Pool", books: Books
) -> None:
    """The bridge came back between the key and the end of the call, which it saw itself: nothing is left to settle.
    What it did hear is not told twice."""
    center, call = await add_center(pool), call_id(NODE, BOOT, ChannelId("1.1"))
    live: list[f.Fact] = [
        f.CallStarted(call, NODE, BOOT, ChannelId("1.1"), T0, "inbound", "09011112222", "0312345678", center),
        f.CallEvent(call, T0 + 5, "turned_away", center, None, "late"),
        f.CallEnded(call, T0 + 9, "abandoned"),
    ]
    await FactWriter(pool, NODE).commit(live)
    assert await pool.fetchval("SELECT reason FROM callback") == "overflowed"
    told = {"PbxTurnedAway": (T0 + 4, "late callback"), "PbxCallbackAsked": (T0 + 6, "")}
    for name, (at, words) in told.items():
        books.tell(cel_line(name, "1.1", at, {"user_type": name, "extra": f'{{"extra":"{words}"}}'}))
    books.tell(ended("1.1", T0 + 9))
    assert await read(pool, books) == Repaired(0, 0)
    row = await pool.fetchrow("SELECT reason, times FROM callback")
    assert row is not None
    assert tuple(row) == ("asked", 1)
    kinds = [row["kind"] for row in await pool.fetch("SELECT kind FROM call_event WHERE call = $1 ORDER BY at", call)]
    assert sorted(kinds) == ["arrived", "callback_asked", "callback_offered", "ended", "turned_away"]
    assert await pool.fetchval("SELECT result FROM call WHERE id = $1", call) == "callback"
    assert await pool.fetchval("SELECT detail FROM call_event WHERE call = $1 AND kind = 'ended'", call) == "callback"
