"""Marks as rows: bound to the sound, audited, gone with it."""

import asyncio
from typing import TYPE_CHECKING

import pytest

from pbx_bridge.core.ids import AgentId, CallId
from pbx_bridge.ports.recording_marks import MAX_MARKS, CannotMark
from pbx_bridge.store.audit import verify
from pbx_bridge.store.recording_marks import MarkRows
from pbx_bridge.store.recordings import RecordingRows, RetentionRows
from tests.store.calls import add_call, add_recording, kept
from tests.store.rows import NODE, add_agent

if TYPE_CHECKING:
    from pbx_bridge.store.pool import Pool

BY = AgentId(7)


async def ready(pool: "Pool", name: str = "call") -> CallId:
    """A playable recording of ten seconds."""
    call = await add_call(pool, name)
    await add_recording(pool, call)
    await RecordingRows(pool, NODE).kept(call, kept(call))
    return call


async def test_marks_stand_in_the_order_of_the_sound(pool: "Pool") -> None:
    rows, call, by = MarkRows(pool), await ready(pool), await add_agent(pool, 1)
    late = await rows.add(call, 9.5, "late", by, "web")
    early = await rows.add(call, 0.0, "", by, "web")
    assert [(mark.id, mark.at) for mark in await rows.of(call)] == [(early, 0.0), (late, 9.5)]
    assert await rows.change(call, late, None, "later", by, "web")
    assert await rows.change(call, early, 10.0, None, by, "web")
    assert [(mark.at, mark.note) for mark in await rows.of(call)] == [(9.5, "later"), (10.0, "")]
    assert await rows.remove(call, late, by, "web")
    assert not await rows.remove(call, late, by, "web")
    acts = [row["act"] for row in await pool.fetch("SELECT act FROM audit ORDER BY id")]
    assert acts == ["recording.mark"] * 2 + ["recording.mark.change"] * 2 + ["recording.mark.remove"]
    assert await verify(pool) is None


async def test_only_sound_can_be_marked(pool: "Pool") -> None:
    rows, call = MarkRows(pool), await ready(pool)
    mark = await rows.add(call, 1.0, "", BY, "web")
    unheard = await add_call(pool, "unheard")
    await add_recording(pool, unheard)
    for where, at in ((call, 10.1), (unheard, 1.0), (CallId("nowhere"), 1.0)):
        with pytest.raises(CannotMark):
            await rows.add(where, at, "", BY, "web")
    with pytest.raises(CannotMark):
        await rows.change(call, mark, 10.1, None, BY, "web")
    other = await ready(pool, "other")
    for id in (mark, "x", "", "-1", "9" * 30):
        assert not await rows.change(other, id, 1.0, "", BY, "web")
        assert not await rows.remove(other, id, BY, "web")
    assert [(mark.at, mark.note) for mark in await rows.of(call)] == [(1.0, "")]


async def test_two_who_mark_at_once_do_not_pass_the_bound(pool: "Pool") -> None:
    rows, call = MarkRows(pool), await ready(pool)
    await pool.execute(
        "INSERT INTO recording_mark (call, at) SELECT $1, 1 FROM generate_series(2, $2::int)", call, MAX_MARKS
    )
    tried = await asyncio.gather(*(rows.add(call, 2.0, "", BY, "web") for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(one, CannotMark) for one in tried) == 2
    assert len(await rows.of(call)) == MAX_MARKS


async def test_marks_expire_with_their_sound(pool: "Pool") -> None:
    rows, call = MarkRows(pool), await ready(pool)
    await rows.add(call, 1.0, "private", BY, "web")

    async def gone(name: str) -> bool:
        return True

    assert await RetentionRows(pool, NODE).expire(call, gone)
    assert await rows.of(call) == []
