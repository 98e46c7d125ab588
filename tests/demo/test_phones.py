"""Phones speak real SIP and RTP to one another, each farm in a process of its own."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import soundfile

from pbx_bridge.demo.phones import Call, Farm, Phone, PhoneFailed
from tests.addresses import loopback

HERE, THERE = loopback(1), loopback(2)


@pytest.fixture
async def two() -> AsyncIterator[tuple[Phone, Phone]]:
    async with Farm(HERE) as near, Farm(THERE) as far:
        yield await near.peer("near", far.address), await far.peer("far", near.address)


async def talk(near: Phone, far: Phone) -> tuple[Call, Call]:
    out = await near.dial("far", caller="0900000001")
    incoming = await far.rings()
    await incoming.answer()
    await out.answered()
    return out, incoming


async def test_each_hears_the_other_and_nobody_else(two: tuple[Phone, Phone]) -> None:
    out, incoming = await talk(*two)
    assert incoming.caller == "0900000001"
    await asyncio.gather(out.say(tone=440), incoming.say(tone=1000))
    await asyncio.gather(out.hears(1000), incoming.hears(440))
    assert max((await incoming.listen(1000)).shares) < 0.02
    await out.say()
    await incoming.hears_none_of(440)


async def test_digits_arrive_in_order(two: tuple[Phone, Phone]) -> None:
    out, incoming = await talk(*two)
    await out.digits("1234567890*#")
    async with asyncio.timeout(10):
        while len(incoming.keyed) < 12:
            await asyncio.sleep(0.05)
    assert incoming.keyed == "1234567890*#"


async def test_hold_silences_and_unhold_restores(two: tuple[Phone, Phone]) -> None:
    out, incoming = await talk(*two)
    await out.say(tone=440)
    await incoming.hears(440)
    await out.hold()
    await incoming.hears_none_of(440)
    await out.hold(False)
    await incoming.hears(440)


async def test_both_agree_when_a_call_ended(two: tuple[Phone, Phone]) -> None:
    out, incoming = await talk(*two)
    await asyncio.sleep(0.5)
    await incoming.hang_up()
    await out.ended()
    assert out.talked == pytest.approx(incoming.talked, abs=0.3)
    assert out.talked > 0.4


@pytest.mark.parametrize("code", [486, 503, 603])
async def test_a_refusal_carries_its_code(two: tuple[Phone, Phone], code: int) -> None:
    near, far = two
    out = await near.dial("far")
    await (await far.rings()).hang_up(code)
    await out.ended()
    assert out.code == code
    with pytest.raises(PhoneFailed, match=str(code)):
        await out.answered()


async def test_cancel_before_the_answer(two: tuple[Phone, Phone]) -> None:
    near, far = two
    out = await near.dial("far")
    ringing = await far.rings()
    await out.hang_up()
    await ringing.ended()
    assert ringing.code == 487


async def test_what_is_heard_can_be_kept(two: tuple[Phone, Phone], tmp_path: Path) -> None:
    out, incoming = await talk(*two)
    await out.say(tone=440)
    await incoming.record(str(tmp_path / "heard.wav"))
    await asyncio.sleep(1.0)
    await out.hang_up()
    await incoming.ended()
    async with asyncio.timeout(5):
        while soundfile.info(tmp_path / "heard.wav").frames == 0:  # PJSIP closes the file a moment after the call
            await asyncio.sleep(0.05)
    sound, rate = soundfile.read(tmp_path / "heard.wav")
    assert rate == 8000
    assert len(sound) > 0.5 * rate
    assert abs(sound).max() > 0.1


async def test_an_order_that_cannot_be_carried_out_says_why(two: tuple[Phone, Phone]) -> None:
    near, _ = two
    with pytest.raises(PhoneFailed, match="Invalid Request URI"):
        await near.dial("not a number")


async def test_a_wait_says_what_it_waited_for(two: tuple[Phone, Phone]) -> None:
    near, far = two
    with pytest.raises(TimeoutError, match="phone far: did not ring"):
        await far.rings(within=0.2)
    await near.silent(0.2)


async def test_a_farm_ends_with_its_parent() -> None:
    farm = Farm(HERE)
    async with farm:
        pid = farm.pid
        assert psutil.pid_exists(pid)
    assert not psutil.pid_exists(pid)


async def test_a_farm_whose_address_is_not_ours_says_so() -> None:
    with pytest.raises(PhoneFailed, match=r"203\.0\.113\.1"):
        async with Farm("203.0.113.1"):
            pass
