"""The callback list follows calls: who met nobody is on it, who is spoken with is off it, each call counts once."""

from typing import TYPE_CHECKING, Literal

import pytest
from msgspec import structs

from pbx_bridge.core import facts as f
from pbx_bridge.core.ids import BootId, CallId, CenterId, ChannelId, call_id
from pbx_bridge.ports.callbacks import CallbackChange, CallbackFilter
from pbx_bridge.store.callbacks import CallbackRows, need
from pbx_bridge.store.facts import FactWriter
from tests.store.rows import NODE, add_agent, add_center

if TYPE_CHECKING:
    from pbx_bridge.ports.callbacks import Callback
    from pbx_bridge.store.pool import Pool

Kind = Literal["queued", "turned_away", "callback_offered", "callback_asked", "message_left"]
UNFINISHED = CallbackFilter()
T0 = 1_790_000_000.25
NUMBER = "09011112222"


class Switch:
    """Writes calls down as the bridge does."""

    def __init__(self, pool: "Pool", center: CenterId | None) -> None:
        self.writer, self.center, self.now, self.count = FactWriter(pool, NODE), center, T0, 0

    async def call(
        self,
        *kinds: Kind,
        result: f.CallResult = "abandoned",
        number: str = NUMBER,
        direction: f.Direction = "inbound",
        why: str = "late",
    ) -> CallId:
        self.count, self.now = self.count + 1, self.now + 60
        channel = ChannelId(f"{self.count}.1")
        id, at = call_id(NODE, BootId("b"), channel), self.now
        other = "0312340000"
        pair = (number, other) if direction == "inbound" else (other, number)
        story: list[f.Fact] = [f.CallStarted(id, NODE, BootId("b"), channel, at, direction, *pair, center=self.center)]
        details = [why if kind == "turned_away" else "" for kind in kinds]
        story += [
            f.CallEvent(id, at + 1, kind, self.center, None, text) for kind, text in zip(kinds, details, strict=True)
        ]
        if result == "answered":
            story.append(f.CallAnswered(id, at + 2, None))
        await self.writer.commit([*story, f.CallEnded(id, at + 30, result)])
        return id


@pytest.fixture
async def switch(pool: "Pool") -> Switch:
    return Switch(pool, await add_center(pool, await add_agent(pool, 1)))


async def owed(pool: "Pool", where: CallbackFilter = UNFINISHED) -> "list[Callback]":
    return (await CallbackRows(pool).page(where, None, 50)).rows


@pytest.mark.parametrize(
    ("kinds", "result", "why", "reason"),
    [
        (("queued",), "abandoned", "", "abandoned"),
        ((), "abandoned", "", "abandoned"),
        (("queued", "turned_away"), "abandoned", "late", "overflowed"),
        (("turned_away",), "abandoned", "full", "overflowed"),
        (("turned_away", "callback_offered"), "closed", "closed", "overflowed"),
        (("turned_away", "callback_offered", "callback_asked"), "callback", "closed", "asked"),
        (("turned_away", "message_left"), "callback", "closed", "message"),
        (("turned_away",), "closed", "closed", None),
        (("queued",), "answered", "", None),
        (("queued",), "lost", "", None),
    ],
)
async def test_who_is_owed_a_call_and_why(
    pool: "Pool", switch: Switch, kinds: tuple[Kind, ...], result: f.CallResult, why: str, reason: str | None
) -> None:
    id = await switch.call(*kinds, result=result, why=why)
    rows = await owed(pool)
    assert [(row.number, row.reason, row.times, row.calls) for row in rows] == (
        [(NUMBER, reason, 1, [id])] if reason else []
    )


@pytest.mark.parametrize("number", ["", "anonymous", "Unavailable"])
async def test_nobody_can_call_back_a_withheld_number(pool: "Pool", switch: Switch, number: str) -> None:
    await switch.call("queued", number=number)
    assert await owed(pool) == []


async def test_a_customer_has_one_row_with_the_strongest_reason(pool: "Pool", switch: Switch) -> None:
    await switch.call("queued")
    await switch.call("turned_away", "callback_offered", "callback_asked", number="+819011112222")
    last = await switch.call("queued")
    (row,) = await owed(pool)
    assert (row.reason, row.times, row.calls[0]) == ("asked", 3, last)
    assert row.since < row.last_at


async def test_a_call_counts_once_however_often_its_end_is_told(pool: "Pool", switch: Switch) -> None:
    id = await switch.call("queued")
    async with pool.acquire() as connection:
        await need(connection, [id])
    assert [row.times for row in await owed(pool)] == [1]


@pytest.mark.parametrize(
    ("direction", "number"), [("inbound", NUMBER), ("outbound", NUMBER), ("campaign", "+819011112222")]
)
async def test_a_later_conversation_settles_it_whoever_called_whom(
    pool: "Pool", switch: Switch, direction: f.Direction, number: str
) -> None:
    await switch.call("queued")
    spoken = await switch.call(result="answered", direction=direction, number=number)
    assert await owed(pool) == []
    (row,) = await owed(pool, CallbackFilter(("done",)))
    assert row.answered_by == spoken
    await switch.call("queued")
    assert [row.times for row in await owed(pool)] == [1]


async def test_an_earlier_conversation_settles_nothing(pool: "Pool", switch: Switch) -> None:
    await switch.call(result="answered")
    await switch.call("queued")
    assert len(await owed(pool)) == 1


async def test_what_the_journal_tells_late_is_owed_only_if_nobody_spoke_with_them_since(
    pool: "Pool", switch: Switch
) -> None:
    lost = await switch.call("queued", result="lost")
    await switch.call(result="answered", direction="outbound", number="+819011112222")
    await pool.execute("UPDATE call SET result = 'abandoned' WHERE id = $1", lost)
    async with pool.acquire() as connection:
        await need(connection, [lost])
    assert await owed(pool) == []


async def test_of_two_who_take_one_at_once_one_does(pool: "Pool", switch: Switch) -> None:
    await switch.call("queued")
    rows, (seen,) = CallbackRows(pool), await owed(pool)
    one, two = await add_agent(pool, 2), await add_agent(pool, 3)
    assert await rows.change(seen, CallbackChange("in_progress", one, "at noon"))
    assert not await rows.change(seen, CallbackChange("in_progress", two))
    found = await rows.find(seen.id)
    assert found is not None
    assert (found.state, found.agent, found.memo) == ("in_progress", one, "at noon")
    assert await rows.find("9" * 30) is None
    assert await rows.centers_of(one) == []
    assert await owed(pool, CallbackFilter(centers=[])) == []
    assert await rows.change(found, CallbackChange("open", None))
    assert structs.replace(found, state="open", agent=None).memo == "at noon"
