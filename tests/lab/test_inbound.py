"""Calls to a center: what both ears hear, what is written, what is recorded."""

import asyncio
import io
import resource

import numpy as np
import soundfile

from pbx_bridge.demo.phones import Call, Phone
from pbx_bridge.demo.tones import share

from .lab import Lab

AGENT, CUSTOMER = 440, 1000


async def connected(lab: Lab, phone: Phone, extension: str = "7001") -> tuple[Call, Call]:
    """A customer and an agent in conversation, each humming."""
    customer = await lab.customer(extension)
    ringing = await phone.rings()
    await ringing.answer()
    await ringing.say(tone=AGENT)
    await customer.say(tone=CUSTOMER)
    return customer, ringing


async def test_answered_both_hear_each_other_and_the_row_is_right(lab: Lab) -> None:
    person = lab.agent()
    phone = await lab.sign_in(person)
    customer, desk = await connected(lab, phone)
    await customer.hears(AGENT)
    await desk.hears(CUSTOMER)
    assert desk.caller == customer.caller
    await lab.condition(person, "talking")
    await customer.hang_up()
    await desk.ended()

    row = await lab.call_of(customer)
    assert (row["direction"], row["result"], row["ended_by"]) == ("inbound", "answered", "customer")
    assert (row["agent"], row["terminal"], row["center"]) == (person.id, person.id, 1)
    assert abs(row["talked_seconds"] - desk.talked) < 0.5
    assert 0 < row["waited_seconds"] < 20
    steps = await lab.steps(row["id"])
    assert steps.index("queued") < steps.index("offered")
    await lab.condition(person, "wrap_up")
    await lab.condition(person, "available", within=5.0)


async def test_the_agent_hangs_up_first(lab: Lab) -> None:
    phone = await lab.sign_in(lab.agent())
    customer, desk = await connected(lab, phone)
    await customer.hears(AGENT)
    await desk.hang_up()
    await customer.ended()
    row = await lab.call_of(customer)
    assert (row["result"], row["ended_by"]) == ("answered", "agent")


async def test_the_recording_has_the_agent_left_and_the_customer_right(lab: Lab) -> None:
    phone = await lab.sign_in(lab.agent())
    customer, desk = await connected(lab, phone)
    await customer.hears(AGENT)
    await desk.hears(CUSTOMER)
    await lab.pause_for_keys(8)
    await customer.hang_up()
    row = await lab.call_of(customer)
    kept = await lab.row("SELECT * FROM recording WHERE call = $1 AND state = 'ready'", row["id"])
    assert (kept["channels"], kept["rate"]) == (2, 8000)
    status, sound = await lab.web.send("GET", f"calls/{row['id']}/recording?format=wav")
    assert status == 200
    samples, rate = soundfile.read(io.BytesIO(sound), dtype="int16")
    left, right = (loudest(samples[:, channel], rate) for channel in (0, 1))
    assert share(left, rate, AGENT) > 0.9
    assert share(right, rate, CUSTOMER) > 0.9
    assert share(left, rate, CUSTOMER) < 0.02
    assert share(right, rate, AGENT) < 0.02
    status, peaks = await lab.web.send("GET", f"calls/{row['id']}/peaks?samples_per_pixel=256")
    assert status == 200
    assert peaks


async def test_a_recorder_that_cannot_write_ends_no_call_and_is_said(lab: Lab) -> None:
    """F10: to its writing a file that may not grow is a full disk; Asterisk tells nobody."""
    phone = await lab.sign_in(lab.agent())
    customer, desk = await connected(lab, phone)
    await customer.hears(AGENT)
    row = await lab.row("SELECT id FROM call WHERE other_number = $1", customer.caller)
    recorder = lab.center.asterisk.pid
    usual = resource.prlimit(recorder, resource.RLIMIT_FSIZE)
    resource.prlimit(recorder, resource.RLIMIT_FSIZE, (100_000, usual[1]))  # three seconds of sound
    try:
        stalled = "SELECT 1 FROM audit WHERE act = 'recording.stalled' AND target = $1"
        await lab.row(stalled, row["id"], within=60.0)
        status, ready = await lab.web.send("GET", "../../readyz")
        assert (status, ready["alarms"]) == (200, ["recording-stalled"])
        await customer.hears(AGENT)
        await desk.hears(CUSTOMER)
        await customer.hang_up()
        kept = await lab.row("SELECT * FROM recording WHERE call = $1 AND state = 'ready'", row["id"])
    finally:
        resource.prlimit(recorder, resource.RLIMIT_FSIZE, usual)
    assert kept["flags"] == ["short"]
    assert kept["seconds"] == 100_000 / 4 / 8000


def loudest(channel: "np.ndarray[tuple[int], np.dtype[np.int16]]", rate: int) -> list[int]:
    """The last half second in which somebody hums: before the answer there was ringing, after it goodbye."""
    pieces = [channel[start : start + rate // 4] for start in range(0, len(channel) - rate // 4, rate // 4)]
    loud = [piece for piece in pieces if np.abs(piece).mean() > 1000]
    found: list[int] = loud[-2].tolist()
    return found


async def test_a_customer_who_gives_up_is_abandoned(lab: Lab) -> None:
    customer = await lab.customer()
    await customer.answered()
    await customer.hears_something()
    await lab.row(
        "SELECT 1 FROM call_event e JOIN call c ON c.id = e.call WHERE other_number = $1 AND kind = 'queued'",
        customer.caller,
    )
    await customer.hang_up()
    row = await lab.call_of(customer)
    assert (row["result"], row["answered_at"], row["agent"]) == ("abandoned", None, None)


async def test_nobody_there_overflows_with_a_sentence(lab: Lab) -> None:
    customer = await lab.customer("7003")
    await customer.answered()
    await customer.ended(within=40.0)
    row = await lab.call_of(customer)
    assert row["result"] == "abandoned"


async def test_a_waiting_customer_is_taken_by_whoever_signs_in(lab: Lab) -> None:
    customer = await lab.customer()
    await customer.answered()
    phone = await lab.sign_in(lab.agent())
    desk = await phone.rings()
    await desk.answer()
    await desk.say(tone=AGENT)
    await customer.hears(AGENT)
    await desk.hang_up()
    row = await lab.call_of(customer)
    assert row["result"] == "answered"


async def test_who_does_not_pick_up_is_not_the_last_word(lab: Lab) -> None:
    first, second = lab.agent(), lab.agent()
    phones = [await lab.sign_in(first), await lab.sign_in(second)]
    customer = await lab.customer()
    desk = await rings_first(phones)
    await desk.hang_up(486)
    other = next(phone for phone in phones if phone is not desk.phone)
    taken = await other.rings(within=15.0)
    await taken.answer()
    await customer.hang_up()
    row = await lab.call_of(customer)
    assert row["result"] == "answered"
    assert "not_taken" in await lab.steps(row["id"])


async def rings_first(phones: list[Phone]) -> Call:
    """Whichever of the phones rings."""
    waiting = [asyncio.create_task(phone.rings(within=15.0)) for phone in phones]
    done, rest = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    return done.pop().result()


async def test_an_unknown_number_is_refused(lab: Lab) -> None:
    call = await lab.carrier.dial("0300000000", caller="09000000001")
    await call.ended()
    assert call.code == 404


async def test_a_call_is_in_asterisks_book_and_ours(lab: Lab) -> None:
    phone = await lab.sign_in(lab.agent())
    customer, _desk = await connected(lab, phone)
    await customer.hears(AGENT)
    await customer.hang_up()
    cdr = await lab.row("SELECT * FROM cdr WHERE src = $1 AND disposition = 'ANSWERED'", customer.caller)
    row = await lab.call_of(customer)
    assert cdr["linkedid"] == row["channel"]
    assert cdr["dst_channel"].startswith("PJSIP/")
