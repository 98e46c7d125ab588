"""Recordings' rows: whose turn it is, what is compared, what the spool holds beside them, how long they stay."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pbx_bridge.core.ids import CallId
from pbx_bridge.ports.recordings import Gap
from pbx_bridge.store.audit import verify
from pbx_bridge.store.journal import Journal
from pbx_bridge.store.recordings import RecordingRows, RetentionRows
from tests.store.books import T0, Books, cel_line
from tests.store.calls import add_call, add_recording, kept
from tests.store.rows import NODE, OTHER_NODE, add_agent, add_center

if TYPE_CHECKING:
    from pbx_bridge.store.pool import Pool

DAY = timedelta(days=1)


@pytest.fixture
def rows(pool: "Pool") -> RecordingRows:
    return RecordingRows(pool, NODE)


@pytest.fixture
def retention(pool: "Pool") -> RetentionRows:
    return RetentionRows(pool, NODE)


async def ready(pool: "Pool", call: CallId, **more: float) -> CallId:
    await add_recording(pool, call)
    await RecordingRows(pool, NODE).kept(call, kept(call, **more))
    return call


async def recording(pool: "Pool", call: CallId) -> dict[str, object]:
    row = await pool.fetchrow("SELECT * FROM recording WHERE call = $1", call)
    assert row is not None
    return dict(row)


async def test_who_hung_up_last_comes_first(pool: "Pool", rows: RecordingRows) -> None:
    for name, minutes in (("old", 90), ("fresh", 1), ("middle", 30)):
        await add_recording(pool, await add_call(pool, name, age=timedelta(minutes=minutes)))
    await add_recording(pool, await add_call(pool, "now", age=timedelta(0)))
    await add_recording(pool, await add_call(pool, "living", result=None), "recording")
    assert [spooled.call for spooled in await rows.waiting(9)] == ["fresh", "middle", "old"]
    assert [spooled.call for spooled in await rows.waiting(1, {CallId("fresh")})] == ["middle"]
    assert await RecordingRows(pool, OTHER_NODE).waiting(9) == []


async def test_a_call_nobody_saw_end_is_marked(pool: "Pool", rows: RecordingRows) -> None:
    for name, result in (("seen", "answered"), ("lost", "lost")):
        await add_recording(pool, await add_call(pool, name, result=result))
    assert {spooled.call: spooled.lost for spooled in await rows.waiting(9)} == {"seen": False, "lost": True}


async def test_a_file_is_found_in_the_spool_of_its_node_until_it_is_kept(pool: "Pool", rows: RecordingRows) -> None:
    call = await add_call(pool, "a")
    await add_recording(pool, call, "recording")
    assert await rows.find_spooled(call) is None
    await pool.execute("UPDATE recording SET state = 'spooled'")
    found = await rows.find_spooled(call)
    assert found is not None
    assert found[0] == "a.raw"
    assert await RecordingRows(pool, OTHER_NODE).find_spooled(call) is None
    await rows.kept(call, kept(call))
    assert await rows.find_spooled(call) is None


async def test_what_is_kept_is_written_down(pool: "Pool", rows: RecordingRows) -> None:
    call = await ready(pool, await add_call(pool, "a"))
    found = await recording(pool, call)
    shares = [found[f"{name}_share"] for name in ("agent", "other", "silence", "overtalk")]
    assert (found["state"], found["sha256"], shares) == ("ready", "ab" * 32, [0.5, 0.25, 0.375, 0.125])
    assert (found["seconds"], found["talked_seconds"]) == (10.0, 10.0)
    assert await rows.find(call) == "2026/11/22/a.flac"


async def test_compared_again_when_the_journal_corrects_the_call(pool: "Pool", rows: RecordingRows) -> None:
    longer = await ready(pool, await add_call(pool, "longer"), seconds=10.0, talked=10.0)
    shorter = await add_call(pool, "shorter", result="lost", talked=60)
    await add_recording(pool, shorter)
    await rows.kept(shorter, kept(shorter, 10.0, 60.0, "repaired", "short"))
    assert await rows.compare() == []
    await pool.execute("UPDATE call SET talked_seconds = 11.5 WHERE id = 'longer'")
    await pool.execute("UPDATE call SET talked_seconds = 10.9 WHERE id = 'shorter'")
    assert await rows.compare() == [longer]
    assert await rows.compare() == []
    assert (await recording(pool, longer))["flags"] == ["short"]
    assert (await recording(pool, shorter))["flags"] == ["repaired"]


async def test_an_end_only_the_journal_knows_closes_the_recording(pool: "Pool", rows: RecordingRows) -> None:
    call = await add_call(pool, "a")
    await add_recording(pool, call, "recording")
    await add_recording(pool, await add_call(pool, "living", result=None), "recording")
    assert await rows.close() == 1
    assert [spooled.call for spooled in await rows.waiting(9)] == [call]


async def test_whose_the_files_are(pool: "Pool", rows: RecordingRows) -> None:
    await ready(pool, await add_call(pool, "kept"))
    await add_recording(pool, await add_call(pool, "waits"))
    hour = timedelta(hours=1)
    now = datetime.now(UTC)
    files = {"kept.raw": now - hour, "waits.raw": now - hour, "nobodys.raw": now - hour}
    assert await rows.claimed(files) == {"kept.raw": True, "waits.raw": False}
    assert await rows.claimed({"kept.raw": now + hour}) == {}, "another life of Asterisk used the name again"


async def test_a_file_finds_its_call_by_its_uniqueid(pool: "Pool", rows: RecordingRows) -> None:
    call = await add_call(pool, "a", channel="1790000000.7")
    ended = datetime.now(UTC) - timedelta(minutes=5)
    assert await rows.adopt("1790000000.8.raw", ended) is None
    assert await rows.adopt("1790000000.7.raw", ended - DAY) is None, "a namesake of another day"
    assert await rows.adopt("1790000000.7.raw", ended) == call
    assert await rows.adopt("1790000000.7.raw", ended) is None
    assert [(spooled.call, spooled.path) for spooled in await rows.waiting(9)] == [(call, "1790000000.7.raw")]


async def test_a_recorded_second_channel_finds_its_call(pool: "Pool", rows: RecordingRows, tmp_path: Path) -> None:
    """An agent calls out: the customer's channel, which is recorded, is not the call's first."""
    books = Books(tmp_path / "log")
    books.tell(cel_line("CHAN_START", "1.2", T0, {"linkedid": "1.1"}), cel_line("CHAN_END", "1.2", T0 + 9))
    await Journal(pool, NODE, books.folder).catch_up()
    call = await add_call(pool, "a", channel="1.1")
    assert await rows.adopt("1.2.raw", datetime.now(UTC) - timedelta(minutes=5)) == call


async def test_where_the_recorder_wrote_nothing(pool: "Pool", rows: RecordingRows, tmp_path: Path) -> None:
    """The story says it at once, Asterisk's own book says it better."""
    call = await add_call(pool, "a", channel="1.1")
    await add_recording(pool, call, path="1.1.raw")
    await pool.execute(
        """INSERT INTO call_event (call, at, kind)
           SELECT id, answered_at + n * interval '1 s', kind FROM call, (VALUES (0, 'answered'), (3, 'blind_transfer'),
               (5, 'joined'), (6, 'blind_transfer'), (8, 'ended')) AS step (n, kind)"""
    )
    (spooled,) = await rows.waiting(9)
    assert spooled.gaps == (Gap(3.0, 2.0),), "the last one was never followed by sound"
    books = Books(tmp_path / "log")
    begun = (await pool.fetchval("SELECT answered_at FROM call")).timestamp()
    steps = (("ENTER", 0.0), ("EXIT", 2.5), ("ENTER", 4.0), ("EXIT", 6.0))
    books.tell(*(cel_line(f"BRIDGE_{way}", "1.1", begun + at) for way, at in steps))
    books.tell(cel_line("CHAN_END", "1.1", begun + 8))
    await Journal(pool, NODE, books.folder).catch_up()
    (spooled,) = await rows.waiting(9)
    ((at, seconds),) = [(gap.at, gap.seconds) for gap in spooled.gaps]
    assert (at, seconds) == pytest.approx((2.5, 1.5), abs=1e-3)


async def _at_rest(pool: "Pool") -> None:
    own, plain = await add_center(pool, await add_agent(pool, 1)), None
    await pool.execute("UPDATE center SET keep_days = 90 WHERE id = $1", own)
    for name, center, days in (("fresh", plain, 29), ("old", plain, 31), ("long", own, 31), ("older", own, 91)):
        await ready(pool, await add_call(pool, name, age=days * DAY, center=center))


async def test_each_center_has_its_days(pool: "Pool", retention: RetentionRows) -> None:
    await _at_rest(pool)
    assert await retention.due(30, 9) == ["older", "old"]
    assert await retention.due(30, 1) == ["older"]
    assert await retention.due(10, 9) == ["older", "old", "fresh"]


async def test_held_by_law(pool: "Pool", retention: RetentionRows) -> None:
    await _at_rest(pool)
    agent = await add_agent(pool, 2)
    assert await retention.hold(CallId("old"), True, agent, "case 7", "10.0.0.1")
    assert await retention.due(30, 9) == ["older"]
    assert not await retention.expire(CallId("old"), _never)
    assert await retention.hold(CallId("old"), False, agent, "closed", "10.0.0.1")
    assert await retention.due(30, 9) == ["older", "old"]
    acts = await pool.fetch("SELECT act, actor, detail FROM audit ORDER BY id")
    assert [(row["act"], row["actor"], row["detail"]) for row in acts] == [
        ("recording.hold", agent, {"reason": "case 7"}),
        ("recording.release", agent, {"reason": "closed"}),
    ]


async def _never(name: str) -> bool:
    pytest.fail(f"{name} must not be deleted")


async def test_gone_from_the_vault_then_from_the_books(pool: "Pool", rows: RecordingRows) -> None:
    retention, deleted = RetentionRows(pool, NODE), list[str]()
    await _at_rest(pool)

    async def delete(name: str) -> bool:
        assert await rows.find(CallId("old")) is not None, "the row says «gone» only afterwards"
        deleted.append(name)
        return True

    async def stuck(name: str) -> bool:
        return False

    assert not await retention.expire(CallId("old"), stuck)
    assert await retention.expire(CallId("old"), delete)
    assert not await retention.expire(CallId("old"), delete)
    assert deleted == ["2026/11/22/old.flac"]
    assert await rows.find(CallId("old")) is None
    assert not await retention.hold(CallId("old"), True, await add_agent(pool, 2), "late", "")
    await rows.kept(CallId("old"), kept(CallId("old")))
    assert (await recording(pool, CallId("old")))["state"] == "expired"
    audit = await pool.fetch("SELECT act, target, detail FROM audit")
    assert [(row["act"], row["target"]) for row in audit] == [("recording.expired", "old")]
    assert audit[0]["detail"] == {"seconds": "10.000", "sha256": "ab" * 32}
    assert await verify(pool) is None


async def test_a_hold_that_comes_meanwhile_waits_and_is_told(pool: "Pool", retention: RetentionRows) -> None:
    await _at_rest(pool)
    agent = await add_agent(pool, 2)
    deleting, go_on = asyncio.Event(), asyncio.Event()

    async def slow(name: str) -> bool:
        deleting.set()
        return await go_on.wait()

    expiring = asyncio.create_task(retention.expire(CallId("old"), slow))
    await deleting.wait()
    holding = asyncio.create_task(retention.hold(CallId("old"), True, agent, "too late", ""))
    go_on.set()
    assert await expiring
    assert not await holding


async def test_recorders_are_watched_while_somebody_talks_with_the_customer(pool: "Pool") -> None:
    """A transfer that rings, and the first seconds after it, are no recorder that cannot write."""
    stories = {
        "talks": [(60, "answered")],
        "just": [(5, "answered")],
        "rings": [(60, "answered"), (30, "blind_transfer")],
        "joined": [(60, "answered"), (50, "blind_transfer"), (20, "joined")],
        "justjoined": [(60, "answered"), (30, "blind_transfer"), (5, "joined")],
        "waits": [],
    }
    for name, steps in stories.items():
        call = await add_call(pool, name, age=timedelta(), talked=60, result=None)
        await add_recording(pool, call, "recording")
        await pool.executemany(
            "INSERT INTO call_event (call, at, kind) VALUES ($1, now() - $2::float8 * interval '1 s', $3)",
            [(call, ago, kind) for ago, kind in steps],
        )
    assert set(await RecordingRows(pool, NODE).living(15.0)) == {"talks", "joined"}
