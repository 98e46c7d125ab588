"""Pages hold still while rows arrive, periods are half-open, and no page scans or sorts a table."""

import json
from datetime import UTC, datetime, timedelta
from time import time
from typing import TYPE_CHECKING

import pytest

from pbx_bridge.core.facts import AttemptPlaced
from pbx_bridge.core.ids import AgentId, CallId, CenterId, attempt_channel, attempt_id
from pbx_bridge.ports.history import BadCursor, CallFilter, CallRecord, Page
from pbx_bridge.store.claims import Claims
from pbx_bridge.store.facts import FactWriter
from pbx_bridge.store.history import HistoryRows, call_range
from pbx_bridge.store.keyset import Cursor, Where, read, written
from pbx_bridge.store.pool import open_pool
from tests.store.calls import add_call
from tests.store.rows import NODE, add_agent, add_center, add_job, add_leads

if TYPE_CHECKING:
    from pbx_bridge.store.pool import Pool

DAY = datetime(2026, 11, 22, tzinfo=UTC)


async def add_calls(pool: "Pool", count: int, *, agents: int = 1, each: timedelta = timedelta(seconds=1)) -> None:
    """Call `n` began n * `each` into DAY, agent 1 + n mod `agents`, from +8190 and n."""
    await pool.execute(
        """INSERT INTO call (id, node, boot, channel, direction, from_number, to_number, started_at, answered_at,
                             ended_at, result, waited_seconds, talked_seconds, agent, center)
           SELECT lpad(to_hex(n), 12, '0'), 'one', 'boot', n::text, 'inbound', '+8190' || lpad(n::text, 8, '0'), '7000',
                  $2::timestamptz + n * $3::interval, $2::timestamptz + n * $3::interval + interval '3 s',
                  $2::timestamptz + n * $3::interval + interval '63 s', 'answered', 3, n % 600, 1 + n % $4::bigint, 1
           FROM generate_series(0, $1::bigint - 1) n""",
        count,
        DAY,
        each,
        agents,
    )
    await pool.execute("INSERT INTO call_agent SELECT agent, started_at, id FROM call")


def ids(page: Page[CallRecord]) -> list[int]:
    return [int(row.id, 16) for row in page.rows]


async def test_pages_lead_to_the_end_and_back(pool: "Pool") -> None:
    await add_calls(pool, 25)
    histories, where = HistoryRows(pool), CallFilter()
    first = await histories.calls(where, None, 10)
    second = await histories.calls(where, first.older, 10)
    last = await histories.calls(where, second.older, 10)
    assert ids(first) + ids(second) + ids(last) == list(reversed(range(25)))
    assert (first.newer, last.older) == (None, None)
    back = await histories.calls(where, last.newer, 10)
    assert back.rows == second.rows
    top = await histories.calls(where, back.newer, 10)
    assert top.rows == first.rows
    assert top.newer is None


async def test_rows_that_arrive_meanwhile_shift_nothing(pool: "Pool") -> None:
    await add_calls(pool, 20)
    histories, where, seen = HistoryRows(pool), CallFilter(), []
    cursor: str | None = None
    for round in range(4):
        page = await histories.calls(where, cursor, 5)
        seen += ids(page)
        cursor = page.older
        await pool.execute(
            """INSERT INTO call (id, node, boot, channel, direction, from_number, to_number, started_at)
               VALUES ($1, 'one', 'boot', $1, 'inbound', '', '', $2)""",
            f"{100 + round:012x}",
            DAY + timedelta(hours=1, seconds=round),
        )
    assert seen == list(reversed(range(20)))
    assert cursor is None


async def test_many_calls_of_one_instant_are_each_shown_once(pool: "Pool") -> None:
    await add_calls(pool, 30, each=timedelta(0))
    histories, seen = HistoryRows(pool), []
    cursor: str | None = None
    for _ in range(5):
        page = await histories.calls(CallFilter(), cursor, 7)
        seen += ids(page)
        cursor = page.older
    assert sorted(seen) == list(range(30))


async def test_periods_are_half_open(pool: "Pool") -> None:
    await add_calls(pool, 49, each=timedelta(minutes=30))
    histories = HistoryRows(pool)
    midnight = DAY + timedelta(hours=24)
    day = await histories.calls(CallFilter(since=DAY, until=midnight), None, 100)
    following = await histories.calls(CallFilter(since=midnight), None, 100)
    assert ids(day) == list(reversed(range(48)))
    assert ids(following) == [48]


async def test_filters_meet(pool: "Pool") -> None:
    await add_agent(pool, 1)
    await add_center(pool)
    await add_calls(pool, 1300, agents=2)
    histories = HistoryRows(pool)

    async def count(where: CallFilter) -> int:
        return len((await histories.calls(where, None, 1000)).rows)

    assert await count(CallFilter(agent=AgentId(1))) == 650
    assert await count(CallFilter(number="+819000000012")) == 1
    assert await count(CallFilter(number="090000001")) == 100, "as people dial it"
    assert await count(CallFilter(number="+8191")) == 0
    assert await count(CallFilter(min_seconds=599)) == 2
    assert await count(CallFilter(center=CenterId(9))) == 0
    assert await count(CallFilter(direction="outbound")) == 0
    assert await count(CallFilter(result="answered", agent=AgentId(2), number="+81900000001")) == 5
    (row,) = (await histories.calls(CallFilter(number="+819000000012"), None, 5)).rows
    assert (row.agent, row.center, row.has_recording) == ("Agent 1", "Support", False)


async def test_a_story_has_its_steps_in_order(pool: "Pool") -> None:
    await add_calls(pool, 1)
    agent = await add_agent(pool, 1)
    call = CallId("0" * 12)
    await pool.execute(
        """INSERT INTO call_event (call, at, kind, agent) VALUES
           ($1, $2::timestamptz + interval '2 s', 'answered', $3), ($1, $2, 'arrived', NULL)""",
        call,
        DAY,
        agent,
    )
    await pool.execute(
        "INSERT INTO recording (call, node, spool_path, started_at) VALUES ($1, 'one', 'x.raw', $2)", call, DAY
    )
    histories = HistoryRows(pool)
    story = await histories.call(call)
    assert story is not None
    assert [(step.kind, step.agent) for step in story.steps] == [("arrived", None), ("answered", "Agent 1")]
    assert story.recording is not None
    assert story.recording.state == "recording"
    assert await histories.set_memo(call, "called back")
    again = await histories.call(call)
    assert again is not None
    assert again.call.memo == "called back"
    assert await histories.call(CallId("none")) is None
    assert not await histories.set_memo(CallId("none"), "")


async def test_a_transferred_call_tells_who_had_it_and_for_how_long(pool: "Pool") -> None:
    await add_calls(pool, 1)
    first, second = await add_agent(pool, 1), await add_agent(pool, 2)
    call = CallId("0" * 12)
    await pool.executemany(
        """INSERT INTO call_event (call, at, kind, agent, detail)
           VALUES ($1, $2::timestamptz + $3::float8 * interval '1 s', $4, $5, $6)""",
        [
            (call, DAY, at, kind, agent, detail)
            for at, kind, agent, detail in (
                (3, "answered", first, ""), (13, "blind_transfer", first, "1002"), (15, "joined", second, "1002"),
                (20, "blind_transfer", second, "1003"), (24, "joined", None, "1003"), (63, "ended", None, "answered"),
            )
        ],
    )  # fmt: skip
    story = await HistoryRows(pool).call(call)
    assert story is not None
    assert [(talk.agent, talk.number, talk.seconds) for talk in story.talks] == [
        ("Agent 1", "", 10.0),
        ("Agent 2", "1002", 5.0),
        (None, "1003", 39.0),
    ]
    assert story.belongs_to(second)
    assert not story.belongs_to(AgentId(99))


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "////", "WzEsMl0", written(Cursor(False, DAY, 5)), written(Cursor(True, DAY.replace(tzinfo=None), "a"))],
)
def test_foreign_cursors_are_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        read(cursor, str)


def test_a_cursor_comes_back_as_it_was() -> None:
    cursor = Cursor(True, DAY + timedelta(microseconds=1), "abc")
    assert read(written(cursor), str) == cursor


PLANS = {
    "newest": CallFilter(),
    "agent": CallFilter(agent=AgentId(7)),
    "center": CallFilter(center=CenterId(1), since=DAY, until=DAY + timedelta(days=2)),
    "number": CallFilter(number="+819000012345"),
}


async def test_no_page_of_calls_scans_or_sorts_the_table(pool: "Pool") -> None:
    await add_calls(pool, 60_000, agents=50)
    await pool.execute("ANALYZE")
    for name, filter in PLANS.items():
        for deep in (False, True):
            calls, (at, id), where = call_range(filter)
            if deep:
                where.add(f"({at}, {id}) < ({{}}, {{}})", DAY + timedelta(hours=5), "f" * 12)
            inner = f"SELECT call.* FROM {calls} WHERE {where.text()} ORDER BY {at} DESC, {id} DESC LIMIT 51"
            for plan in await plans(pool, inner, where.values):
                assert "Seq Scan" not in plan, f"{name}: {plan}"
                if name != "number":  # a number's few calls may be sorted
                    assert "Sort" not in plan, f"{name}: {plan}"


async def test_a_number_is_always_planned_for_itself(dsn: str) -> None:
    """A plan made for a common prefix would read the whole table for a rare one."""
    pool = await open_pool(dsn, size=1)
    try:
        await add_calls(pool, 100)
        histories = HistoryRows(pool)
        for _ in range(10):
            await histories.calls(CallFilter(number="+81"), None, 5)
        plans = "SELECT sum(generic_plans), sum(custom_plans) FROM pg_prepared_statements WHERE statement LIKE $1"
        row = await pool.fetchrow(plans, "%other_number >= %")
        assert row is not None
        assert tuple(row) == (0, 10)
    finally:
        await pool.close()


async def test_no_page_of_the_other_histories_scans_or_sorts(pool: "Pool") -> None:
    await pool.execute(
        """INSERT INTO status_interval (agent, since, until, condition, status, reason, source)
           SELECT 1 + n % 50, $1::timestamptz + n * interval '1 s', $1::timestamptz + (n + 50) * interval '1 s',
                  'available', 'available', '', 'web' FROM generate_series(1, 30000) n""",
        DAY,
    )
    await pool.execute(
        """INSERT INTO login_event (at, kind, what, account)
           SELECT $1::timestamptz + n * interval '1 s', 'phone', 'signed_in', 1 + n % 50
           FROM generate_series(1, 30000) n""",
        DAY,
    )
    await pool.execute("ANALYZE")
    pages: dict[str, list[object]] = {
        "SELECT * FROM status_interval WHERE (since, id) < ($1, $2) ORDER BY since DESC, id DESC LIMIT 51": [DAY, 9],
        "SELECT * FROM status_interval WHERE agent = $1 ORDER BY since DESC, id DESC LIMIT 51": [7],
        "SELECT * FROM login_event WHERE at >= $1 ORDER BY at DESC, id DESC LIMIT 51": [DAY],
        "SELECT * FROM login_event WHERE account = $1 ORDER BY at DESC, id DESC LIMIT 51": [7],
    }
    for sql, values in pages.items():
        for plan in await plans(pool, sql, values):
            assert "Seq Scan" not in plan, sql
            assert "Sort" not in plan, sql


async def plans(pool: "Pool", sql: str, values: list[object]) -> list[list[str]]:
    """Node types of the plan made for these values and of the one made for any."""
    found = []
    async with pool.acquire() as connection:
        for mode in ("force_custom_plan", "force_generic_plan"):
            await connection.execute(f"SET plan_cache_mode = {mode}")
            (row,) = await connection.fetch(f"EXPLAIN (FORMAT JSON) {sql}", *values)
            found.append(nodes(json.loads(row[0])[0]["Plan"]))
    return found


def nodes(plan: dict[str, object]) -> list[str]:
    below = plan.get("Plans", [])
    assert isinstance(below, list)
    return [str(plan["Node Type"]), *(name for child in below for name in nodes(child))]


async def test_the_other_histories_are_pages_too(pool: "Pool") -> None:
    agent = await add_agent(pool, 1)
    await pool.execute(
        """INSERT INTO status_interval (agent, since, until, condition, status, reason, source)
           SELECT $1, $2::timestamptz + n * interval '1 min', $2::timestamptz + (n + 1) * interval '1 min', 'available',
                  'available', '', 'web' FROM generate_series(0, 29) n""",
        agent,
        DAY,
    )
    await pool.execute(
        "INSERT INTO login_event (at, kind, what, account, origin) SELECT $2, 'phone', 'signed_in', $1, '1001'",
        agent,
        DAY,
    )
    histories = HistoryRows(pool)
    first = await histories.activity(agent, None, None, None, 20)
    rest = await histories.activity(agent, None, None, first.older, 20)
    assert [len(first.rows), len(rest.rows)] == [20, 10]
    assert first.rows[0].agent == "Agent 1"
    assert [row.account for row in (await histories.logins(None, DAY, None, None, 5)).rows] == ["agent1@example.jp"]
    assert (await histories.logins(None, None, DAY, None, 5)).rows == []
    assert (await histories.cdr(None, None, "090", None, 5)).rows == []
    assert (await histories.audit(None, None, None, 5)).rows == []


async def add_cdr(pool: "Pool", uniqueid: str, dst: str) -> None:
    """2.9 seconds with 2.8 of talk, which Asterisk writes as 2 and 3: it cuts the one and rounds the other."""
    await pool.execute(
        """INSERT INTO cdr (node, boot, file, line_offset, uniqueid, linkedid, sequence, started_at, answered_at,
                            ended_at, duration, billsec, disposition, clid, src, dst, context, channel, dst_channel,
                            last_app, last_data, account_code, peer_account, user_field)
           VALUES ('n', 'b', '', 0, $2, $2, 1, $1::timestamptz,
                   $1::timestamptz + interval '0.1 s', $1::timestamptz + interval '2.9 s', 2, 3, 'ANSWERED',
                   '', '090', $3, '', '', '', '', '', '', '', '')""",
        DAY,
        uniqueid,
        dst,
    )


async def test_a_call_is_never_shown_shorter_than_its_talk(pool: "Pool") -> None:
    await add_cdr(pool, "1.1", "7000")
    (row,) = (await HistoryRows(pool).cdr(None, None, "", None, 5)).rows
    assert (row.duration, row.billsec) == (3, 3)
    assert (row.dst, row.dialed) == ("7000", "7000")


async def test_a_campaigns_dial_shows_the_number_it_dialed(pool: "Pool") -> None:
    job = await add_job(pool)
    await add_leads(pool, job, 1)
    (lead,) = await Claims(pool).claim(job, 1, NODE, time())
    id = attempt_id(job, lead.id, 1)
    await FactWriter(pool, NODE).commit([AttemptPlaced(id, job, lead.id, lead.number, 1, time())])
    await add_cdr(pool, attempt_channel(id), "s")
    (row,) = (await HistoryRows(pool).cdr(None, None, "", None, 5)).rows
    assert (row.dst, row.dialed) == ("s", lead.number)
    for prefix, found in ((lead.number[:7], 1), ("0" + lead.number[3:8], 1), ("s", 1), ("+1", 0)):
        assert len((await HistoryRows(pool).cdr(None, None, prefix, None, 5)).rows) == found, prefix
    await pool.execute("DELETE FROM lead")
    (row,) = (await HistoryRows(pool).cdr(None, None, lead.number, None, 5)).rows
    assert row.dialed == lead.number, "the list it came from may be deleted"


async def test_a_number_is_found_in_the_call_history_without_reading_it_all(pool: "Pool") -> None:
    """40,000 records, a quarter of them a campaign's; three indexes, one for each place a number may stand."""
    await pool.execute(
        """INSERT INTO cdr (node, boot, file, line_offset, uniqueid, linkedid, sequence, started_at, ended_at, duration,
                            billsec, disposition, clid, src, dst, dialed, context, channel, dst_channel, last_app,
                            last_data, account_code, peer_account, user_field)
           SELECT 'n', 'b', '', n, n::text, n::text, 1, $1::timestamptz + n * interval '1 s', $1, 2, 3, 'ANSWERED', '',
                  '090' || lpad(n::text, 8, '0'), CASE WHEN n % 4 = 0 THEN 's' ELSE '7000' END,
                  CASE WHEN n % 4 = 0 THEN '+8180' || lpad(n::text, 8, '0') END, '', '', '', '', '', '', '', ''
           FROM generate_series(1, 40000) n""",
        DAY,
    )
    await pool.execute("ANALYZE cdr")
    where = Where()
    where.prefix(("src", "dst", "dialed"), "08000001")
    (plan, _) = await plans(pool, f"SELECT * FROM cdr WHERE {where.text()} ORDER BY started_at DESC, id DESC LIMIT 51",
                            where.values)  # fmt: skip
    assert "Seq Scan" not in plan, plan
    assert plan.count("Bitmap Index Scan") == 6, plan
    assert len((await HistoryRows(pool).cdr(None, None, "08000001", None, 500)).rows) == 250


def test_conditions_number_their_values() -> None:
    where = Where()
    where.add("a = {}", 1)
    where.prefix(("src", "dst"), "0")
    assert where.text().count("$") == 9
    assert len(where.values) == 9


async def test_calls_are_found_by_who_talks_in_their_recordings(pool: "Pool") -> None:
    ids = [await add_call(pool, f"{number:012}") for number in range(4)]
    shares = ((0.2, 0.6), (0.5, 0.3), (0.8, 0.1))
    for id, (agent, silence) in zip(ids, shares, strict=False):
        await pool.execute(
            "INSERT INTO recording (call, node, spool_path, state, started_at, agent_share, silence_share)"
            " VALUES ($1, 'one', $1, 'ready', $2, $3, $4)",
            id, DAY, agent, silence,
        )  # fmt: skip
    histories = HistoryRows(pool)

    async def found(where: CallFilter) -> set[str]:
        return {row.id for row in (await histories.calls(where, None, 10)).rows}

    assert await found(CallFilter(min_talk_share=0.4)) == {ids[1], ids[2]}
    assert await found(CallFilter(max_silence_share=0.45, min_talk_share=0.7)) == {ids[2]}
    assert await found(CallFilter(max_silence_share=1.0)) == set(ids[:3])
    assert await found(CallFilter()) == set(ids)
