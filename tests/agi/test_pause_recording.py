"""Pausing a recording from a real phone: the gap is silent in the file that Asterisk writes, and nothing else is."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pbx_bridge.core.facts import CallEvent, CallRecorded
from pbx_bridge.core.ids import JobId
from pbx_bridge.demo.phones import Call

from .conftest import Floor
from .test_dialogues import sign_in

pytestmark = pytest.mark.asyncio(loop_scope="module")

RATE = 8000
CUSTOMER, AGENT = 620, 440
GAP_S = 1.0


async def paused(floor: Floor, wanted: bool) -> None:
    async with asyncio.timeout(5.0):
        while [row.recording_paused for row in floor.desk.engine.snapshot().calls if row.state == "talking"] != [
            wanted
        ]:
            await asyncio.sleep(0.02)


async def gap(floor: Floor, toggle_: "str | Call") -> None:
    """Talk, pause, talk, resume, talk: by a code on the second line, or by keys within the call."""
    for wanted in (True, False):
        await asyncio.sleep(GAP_S)
        if isinstance(toggle_, str):
            said = await floor.desk.dial(floor.phones["1001"], toggle_)
            assert said == ["recording-paused" if wanted else "recording-resumed"]
        else:
            await toggle_.digits("*3")
        await paused(floor, wanted)
    await asyncio.sleep(GAP_S)


async def talking(floor: Floor) -> None:
    async with asyncio.timeout(5.0):
        while floor.desk.agent(1).condition not in ("talking", "outgoing"):
            await asyncio.sleep(0.02)


def silences(recording: Path) -> list[float]:
    """Seconds of each stretch of at least 0.3 s in which neither side is to be heard, apart from both ends."""
    frames: NDArray[np.int16] = np.fromfile(recording, np.int16)[: recording.stat().st_size // 4 * 2]
    both = np.abs(frames.reshape(-1, 2).astype(np.int32)).max(axis=1)
    loud = np.flatnonzero(both > 300)
    lengths = np.diff(loud) / RATE
    return [float(length) for length in lengths if length >= 0.3]


async def recorded(floor: Floor) -> Path:
    facts = [fact for fact in floor.desk.ledger.facts if isinstance(fact, CallRecorded)]
    return Path(floor.desk.asterisk.log_dir).parent.parent / "recordings" / facts[-1].path


async def over(floor: Floor, *calls: Call) -> Path:
    for call in calls:
        if call.progress != "ended":
            await call.hang_up()
    async with asyncio.timeout(5.0):
        while floor.desk.engine.snapshot().calls:
            await asyncio.sleep(0.02)
    return await recorded(floor)


def told(floor: Floor) -> list[str]:
    return [
        fact.kind
        for fact in floor.desk.ledger.facts
        if isinstance(fact, CallEvent) and fact.kind.startswith("recording_")
    ]


@pytest.mark.parametrize("way", ["0074", "80074", "*3"])
async def test_a_call_of_a_center(floor: Floor, way: str) -> None:
    floor.desk.ledger.facts.clear()
    await sign_in(floor)
    customer = await floor.carrier.dial("0312340001", "09011112222")
    desk = await floor.phones["1001"].rings(within=15.0)
    await desk.answer()
    await talking(floor)
    await customer.say(CUSTOMER)
    await desk.say(AGENT)
    await customer.hears(AGENT)
    await gap(floor, desk if way == "*3" else way)
    recording = await over(floor, customer)
    (silent,) = await asyncio.to_thread(silences, recording)
    assert GAP_S * 0.9 <= silent <= GAP_S + 2.0
    assert told(floor) == ["recording_paused", "recording_resumed"]


async def test_an_outgoing_call(floor: Floor) -> None:
    floor.desk.ledger.facts.clear()
    await sign_in(floor)
    desk = await floor.phones["1001"].dial("0312345678")
    customer = await floor.carrier.rings()
    await customer.answer()
    await talking(floor)
    await customer.say(CUSTOMER)
    await desk.say(AGENT)
    await customer.hears(AGENT)
    await gap(floor, desk)
    (silent,) = await asyncio.to_thread(silences, await over(floor, desk))
    assert GAP_S * 0.9 <= silent <= GAP_S + 2.0


async def test_a_campaigns_customer_on_the_open_line(floor: Floor) -> None:
    """AMI Bridge makes a basic bridge like Dial's, so the key works there too."""
    floor.desk.ledger.facts.clear()
    await sign_in(floor)
    floor.desk.campaigns.add(1, 1)
    line = await floor.desk.begin(floor.phones["1001"], "0015")
    async with asyncio.timeout(10.0):
        while floor.desk.agent(1).job != "1":
            await asyncio.sleep(0.05)
    customer = await floor.campaign_call(JobId(1), "09011113333")
    await customer.answer()
    await talking(floor)
    await customer.say(CUSTOMER)
    await line.say(AGENT)
    await customer.hears(AGENT)
    await gap(floor, line)
    (silent,) = await asyncio.to_thread(silences, await over(floor, customer, line))
    assert GAP_S * 0.9 <= silent <= GAP_S + 2.0


async def test_what_is_not_recorded_says_so(floor: Floor) -> None:
    await sign_in(floor)
    colleague = await floor.phones["1001"].dial("1003")
    other = await floor.phones["1003"].rings()
    await other.answer()
    await talking(floor)
    assert await floor.desk.dial(floor.phones["1001"], "0074") == ["not-recorded", "goodbye"]
    await colleague.hang_up()
