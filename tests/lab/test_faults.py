"""Parts fail in the middle of calls: callers go on, and the books are right afterwards."""

import os
import signal

from .lab import Lab

AGENT, CUSTOMER = 440, 1000


async def test_the_bridge_is_killed_in_mid_call_and_started_again(lab: Lab) -> None:
    person = lab.agent()
    phone = await lab.sign_in(person)
    customer = await lab.customer()
    desk = await phone.rings()
    await desk.answer()
    await desk.say(tone=AGENT)
    await customer.hears(AGENT)
    await lab.condition(person, "talking")

    await lab.center.kill_bridge()
    assert (await customer.hears(AGENT)).shares[0] > 0.2, "the call goes on without the bridge"
    await lab.center.start_bridge()
    await lab.condition(person, "talking")
    await customer.hang_up()
    row = await lab.call_of(customer)
    assert (row["result"], row["agent"]) == ("answered", person.id)
    assert abs(row["talked_seconds"] - desk.talked) < 0.7
    assert len(await lab.pool.fetch("SELECT 1 FROM call WHERE other_number = $1", customer.caller)) == 1
    await lab.row("SELECT 1 FROM recording WHERE call = $1 AND state = 'ready'", row["id"])


async def test_a_call_that_ends_while_the_bridge_is_dead_is_closed_from_asterisks_files(lab: Lab) -> None:
    person = lab.agent()
    phone = await lab.sign_in(person)
    customer = await lab.customer()
    desk = await phone.rings()
    await desk.answer()
    await lab.condition(person, "talking")

    await lab.center.kill_bridge()
    await lab.pause_for_keys(4)
    await customer.hang_up()
    await desk.ended()
    await lab.center.start_bridge()
    row = await lab.row(
        "SELECT * FROM call WHERE other_number = $1 AND result = 'answered'", customer.caller, within=50.0
    )
    assert row["agent"] == person.id
    assert abs(row["talked_seconds"] - desk.talked) < 1.0
    assert len(await lab.pool.fetch("SELECT 1 FROM call WHERE other_number = $1", customer.caller)) == 1


async def test_a_call_that_arrives_while_the_bridge_is_dead_is_written_down(lab: Lab) -> None:
    person = lab.agent()
    phone = await lab.sign_in(person)
    await lab.becomes(person.extension, "ready")
    await lab.center.kill_bridge()
    customer = await lab.customer()
    desk = await phone.rings()
    await desk.answer()
    await desk.say(tone=AGENT)
    await customer.hears(AGENT)
    await customer.hang_up()
    await desk.ended()
    await lab.center.start_bridge()
    await lab.row("SELECT 1 FROM cdr WHERE src = $1", customer.caller, within=20.0)


async def test_the_link_is_cut_in_mid_call(lab: Lab) -> None:
    person = lab.agent()
    phone = await lab.sign_in(person)
    customer = await lab.customer()
    desk = await phone.rings()
    await desk.answer()
    await lab.condition(person, "talking")
    await lab.cut_manager_sessions()
    await lab.pause_for_keys(2)
    await customer.hang_up()
    row = await lab.call_of(customer)
    assert (row["result"], row["agent"]) == ("answered", person.id)
    assert abs(row["talked_seconds"] - desk.talked) < 1.0
    await lab.condition(person, "available", within=15.0)


async def test_the_database_stops_during_a_call(lab: Lab) -> None:
    person = lab.agent()
    phone = await lab.sign_in(person)
    customer = await lab.customer()
    desk = await phone.rings()
    await desk.answer()
    await desk.say(tone=AGENT)
    await lab.condition(person, "talking")
    await lab.center.stop_database()
    try:
        await customer.hears(AGENT)
        await customer.hang_up()
        await desk.ended()
    finally:
        await lab.center.start_database()
    row = await lab.call_of(customer, within=20.0)
    assert (row["result"], row["agent"]) == ("answered", person.id)
    assert abs(row["talked_seconds"] - desk.talked) < 0.7, "times are when it happened, not when it could be written"
    await lab.condition(person, "available", within=15.0)


async def test_with_the_bridge_away_a_dialogue_says_so(lab: Lab) -> None:
    phone = await lab.phone(lab.agent())
    await lab.center.stop_bridge()
    call = await phone.dial("0010")
    await call.answered()
    await call.hears_something(within=3.0)
    await call.ended(within=15.0)
    await lab.no_channel_left(within=5.0)
    await lab.center.start_bridge()


async def test_with_the_bridge_hung_a_dialogue_says_so(lab: Lab) -> None:
    phone = await lab.phone(lab.agent())
    os.kill(lab.center.bridge_pid, signal.SIGSTOP)
    try:
        call = await phone.dial("0010")
        await call.answered()
        await call.hears_something(within=4.0)
        await call.ended(within=15.0)
        await lab.no_channel_left(within=5.0)
    finally:
        os.kill(lab.center.bridge_pid, signal.SIGCONT)
    await lab.center.bridge_ready()
