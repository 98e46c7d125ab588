"""A customer is held, handed on blind, and handed on after a word."""

import io

import pytest
import soundfile

from pbx_bridge.demo.phones import Call, Phone
from pbx_bridge.demo.tones import share

from .lab import Lab
from .web import Web

FIRST, SECOND, CUSTOMER = 440, 700, 1000


async def in_conversation(lab: Lab) -> tuple[Call, Call, Phone, Phone]:
    """Customer, the first agent's leg, both agents' phones; everybody hums."""
    first, second = lab.agent(), lab.agent()
    phone = await lab.sign_in(first)
    colleague = await lab.phone(second)
    customer = await lab.customer()
    desk = await phone.rings()
    await desk.answer()
    await desk.say(tone=FIRST)
    await customer.say(tone=CUSTOMER)
    await customer.hears(FIRST)
    return customer, desk, phone, colleague


async def test_on_hold_the_customer_hears_music_not_the_agent(lab: Lab) -> None:
    customer, desk, _, _ = await in_conversation(lab)
    await desk.hold()
    await customer.hears_none_of(FIRST)
    await customer.hears_something()
    await desk.hold(False)
    await customer.hears(FIRST)
    await customer.hang_up()
    steps = await lab.steps((await lab.call_of(customer))["id"])
    assert steps.index("held") < steps.index("resumed")


async def test_a_blind_transfer_moves_the_customer(lab: Lab) -> None:
    customer, desk, _, colleague = await in_conversation(lab)
    await desk.transfer(colleague.name)
    taken = await colleague.rings()
    await customer.hears_none_of(FIRST)
    await taken.answer()
    await taken.say(tone=SECOND)
    await customer.hears(SECOND)
    await taken.hears(CUSTOMER)
    await desk.ended()
    await taken.hang_up()
    row = await lab.call_of(customer)
    assert (row["result"], row["ended_by"]) == ("answered", "agent")
    answered, transferred, joined = [
        step for step in await lab.story(row["id"]) if step["kind"] in ("answered", "blind_transfer", "joined")
    ]
    assert (transferred["detail"], joined["detail"], joined["agent"]) == (colleague.name, colleague.name, None)
    rang = (joined["at"] - transferred["at"]).total_seconds()
    assert row["talked_seconds"] == pytest.approx((row["ended_at"] - answered["at"]).total_seconds() - rang)
    kept = await lab.row("SELECT * FROM recording WHERE call = $1 AND state = 'ready'", row["id"], within=20)
    assert kept["flags"] == []
    assert kept["gap_seconds"] == pytest.approx(rang, abs=0.1)
    assert kept["seconds"] == pytest.approx(row["talked_seconds"] + rang, abs=0.5)


async def test_an_attended_transfer_joins_customer_and_colleague(lab: Lab) -> None:
    customer, desk, phone, colleague = await in_conversation(lab)
    await desk.hold()
    question = await phone.dial(colleague.name)
    taken = await colleague.rings()
    await taken.answer()
    await question.answered()
    await taken.say(tone=SECOND)
    await question.hears(SECOND)
    await desk.transfer_onto(question)
    await customer.hears(SECOND)
    await taken.hears(CUSTOMER)
    await customer.hang_up()
    row = await lab.call_of(customer)
    assert row["result"] == "answered"
    steps = await lab.steps(row["id"])
    assert "attended_transfer" in steps, steps


async def test_the_recording_has_everybody_a_customer_is_handed_to(lab: Lab) -> None:
    """Each phone counts its packets from another number: without a new recorder every second one is missing."""
    customer, desk, phone, _ = await in_conversation(lab)
    tones = [FIRST, 540, 640, 760, 880]
    await lab.pause_for_keys(8)
    for number, tone in enumerate(tones[1:]):
        colleague = await lab.phone(lab.agent())
        if number % 2 == 0:
            await desk.transfer(colleague.name)
            taken = await colleague.rings()
            await taken.answer()
        else:
            await desk.hold()
            question = await phone.dial(colleague.name)
            taken = await colleague.rings()
            await taken.answer()
            await question.answered()
            await desk.transfer_onto(question)
        await taken.say(tone=tone)
        await customer.hears(tone)
        await lab.pause_for_keys(8)
        desk, phone = taken, colleague
    await customer.hang_up()
    row = await lab.call_of(customer)
    kept = await lab.row("SELECT * FROM recording WHERE call = $1 AND state = 'ready'", row["id"], within=20)
    assert kept["flags"] == []
    _, sound = await lab.web.send("GET", f"calls/{row['id']}/recording?format=wav")
    samples, rate = soundfile.read(io.BytesIO(sound), dtype="int16")
    heard = [
        [tone for tone in tones if share(samples[at : at + rate // 2, 0].tolist(), rate, tone) > 0.9]
        for at in range(0, len(samples) - rate // 2, rate // 4)
    ]
    in_turn = [tone for window in heard for tone in window]
    assert [tone for tone, before in zip(in_turn, [0, *in_turn], strict=False) if tone != before] == tones


async def test_a_transfer_onto_a_phone_that_still_rings(lab: Lab) -> None:
    customer, desk, phone, colleague = await in_conversation(lab)
    await desk.hold()
    question = await phone.dial(colleague.name)
    taken = await colleague.rings()
    await question.reaches("early")
    await desk.transfer_onto(question)
    await desk.ended()
    await lab.pause_for_keys(8)
    await taken.answer()
    await taken.say(tone=SECOND)
    await customer.hears(SECOND)
    await taken.hears(CUSTOMER)
    await lab.pause_for_keys(8)
    await customer.hang_up()
    row = await lab.call_of(customer)
    assert (row["result"], row["ended_by"]) == ("answered", "customer")
    at = {step["kind"]: step["at"] for step in await lab.story(row["id"])}
    rang = (at["joined"] - at["blind_transfer"]).total_seconds()
    assert rang > 1.5
    assert row["talked_seconds"] == pytest.approx((at["ended"] - at["answered"]).total_seconds() - rang)
    kept = await lab.row("SELECT * FROM recording WHERE call = $1 AND state = 'ready'", row["id"], within=20)
    assert kept["flags"] == []
    assert kept["gap_seconds"] == pytest.approx(rang, abs=0.1)
    assert kept["seconds"] == pytest.approx(row["talked_seconds"] + rang, abs=0.5)


async def test_whoever_is_handed_on_to_a_center_keeps_what_was_recorded_before(lab: Lab) -> None:
    customer, desk, phone, colleague = await in_conversation(lab)
    await lab.sign_in(lab.who(colleague))
    await lab.pause_for_keys(8)
    await desk.transfer("7001")
    taken = await colleague.rings(within=20.0)
    await taken.answer()
    await taken.say(tone=SECOND)
    await customer.hears(SECOND)
    await lab.pause_for_keys(8)
    await customer.hang_up()
    row = await lab.call_of(customer)
    kept = await lab.row("SELECT * FROM recording WHERE call = $1 AND state = 'ready'", row["id"], within=20)
    assert kept["flags"] == []
    assert kept["seconds"] - kept["gap_seconds"] == pytest.approx(row["talked_seconds"], abs=0.5)
    _, sound = await lab.web.send("GET", f"calls/{row['id']}/recording?format=wav")
    samples, rate = soundfile.read(io.BytesIO(sound), dtype="int16")
    for second, tone in ((1.0, FIRST), (len(samples) / rate - 1.5, SECOND)):
        begin = int(second * rate)
        assert share(samples[begin : begin + rate // 2, 0].tolist(), rate, tone) > 0.9, (second, tone)
    for person in (lab.who(phone), lab.who(colleague)):
        async with Web(lab.center.plan.web, person) as own:
            assert [found["id"] for found in (await own.get("calls"))["rows"]][:1] == [row["id"]]


async def test_an_attended_transfer_by_code_tells_the_same_story(lab: Lab) -> None:
    customer, desk, phone, colleague = await in_conversation(lab)
    await desk.digits("*2")
    await lab.pause_for_keys(8)  # «transfer»
    await desk.digits(colleague.name)
    taken = await colleague.rings(within=15.0)
    await taken.answer()
    await taken.say(tone=SECOND)
    await desk.hears(SECOND)
    await lab.condition(lab.who(phone), "talking")
    await desk.hang_up()
    await customer.hears(SECOND)
    await taken.hears(CUSTOMER)
    await customer.hang_up()
    row = await lab.call_of(customer)
    assert (row["result"], row["ended_by"]) == ("answered", "customer")
    told = [(step["kind"], step["detail"]) for step in await lab.story(row["id"])]
    assert [step for step in told if step[0] == "held"] == [("held", "")]
    assert {("resumed", ""), ("attended_transfer", colleague.name), ("joined", colleague.name)} <= set(told)
    consultation = await lab.row(
        "SELECT * FROM call WHERE from_number = $1 AND to_number = $2 AND started_at > $3 AND ended_at IS NOT NULL",
        phone.name,
        colleague.name,
        row["started_at"],
    )
    assert (consultation["direction"], consultation["result"], consultation["ended_by"]) == (
        "internal", "answered", "agent",
    )  # fmt: skip
