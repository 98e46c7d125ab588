"""Parts fail in the middle of calls: callers go on, and the books are right afterwards."""

import os
import signal
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
import pytest_asyncio

from pbx_bridge.demo.world import Person

from .lab import Lab

AGENT, CUSTOMER = 440, 1000


@pytest_asyncio.fixture(loop_scope="session")
async def long_wrap_up(lab: Lab) -> AsyncIterator[float]:
    """Seconds that the center 7001 gives after a call."""
    change = "UPDATE center SET wrap_up_seconds = $1 WHERE extension = '7001'"
    await lab.pool.execute(change, 60.0)
    yield 60.0
    await lab.pool.execute(change, lab.place().wrap_up_seconds)


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
    row = await lab.call_of(customer)
    assert (row["result"], row["agent"], row["ended_by"]) == ("answered", person.id, "customer")
    assert abs(row["talked_seconds"] - desk.talked) < 1.0
    assert len(await lab.pool.fetch("SELECT 1 FROM call WHERE other_number = $1", customer.caller)) == 1
    *_, last = await lab.story(row["id"])
    assert (last["kind"], last["detail"], last["at"]) == ("ended", "answered", row["ended_at"])
    await lab.row("SELECT 1 FROM recording WHERE call = $1 AND state = 'ready'", row["id"])
    await lab.condition(person, "available")
    available, wrap_up, talking = await lab.pool.fetch(
        "SELECT * FROM status_interval WHERE agent = $1 ORDER BY since DESC, id DESC LIMIT 3", person.id
    )
    assert [one["condition"] for one in (talking, wrap_up, available)] == ["talking", "wrap_up", "available"]
    assert (talking["call"], wrap_up["call"]) == (row["id"], row["id"])
    assert talking["until"] == wrap_up["since"] == row["ended_at"], "the wrap-up is over, and counted from the true end"
    assert (wrap_up["until"] - wrap_up["since"]).total_seconds() == 1.0


async def test_who_hung_up_while_the_bridge_was_dead_still_has_their_wrap_up(lab: Lab, long_wrap_up: float) -> None:
    person = lab.agent()
    phone = await lab.sign_in(person)
    customer = await lab.customer()
    desk = await phone.rings()
    await desk.answer()
    await lab.condition(person, "talking")
    await lab.center.kill_bridge()
    await desk.hang_up()
    await customer.ended()
    await lab.center.start_bridge()
    row = await lab.call_of(customer)
    assert row["ended_by"] == "agent"
    wrap_up = await lab.condition(person, "wrap_up")
    assert (wrap_up["call"], wrap_up["since"]) == (row["id"], row["ended_at"])
    assert (wrap_up["ends_at"] - row["ended_at"]).total_seconds() == pytest.approx(long_wrap_up)
    await lab.becomes(person.extension, "paused")


async def test_the_page_goes_on_after_a_restart(lab: Lab) -> None:
    """Who has which center's call since when; who waits since when."""
    person = lab.agent()
    phone = await lab.sign_in(person)
    customer = await lab.customer()
    desk = await phone.rings()
    await desk.answer()
    await lab.condition(person, "talking")
    waiting = await lab.customer()
    await lab.row("SELECT 1 FROM call_event e JOIN call c ON c.id = e.call WHERE kind = 'queued' AND other_number = $1",
                  waiting.caller)  # fmt: skip
    before = await shown(lab, person)
    assert before[f"agent {person.id} center"] == str(lab.place().id)
    assert [row["state"] for row in (await lab.web.snapshot())["calls"]] == ["talking", "waiting"]
    await lab.center.kill_bridge()
    await lab.center.start_bridge()
    await lab.until(lambda: lab.live_agent(person), lambda row: row["condition"] == "talking")
    after = await shown(lab, person)
    assert after == pytest.approx(before, abs=0.001), "the database keeps microseconds"
    await waiting.hang_up()
    await customer.hang_up()
    assert (await lab.steps((await lab.call_of(waiting))["id"])).count("queued") == 1


async def shown(lab: Lab, person: Person) -> dict[str, object]:
    """What the live monitor has of an agent, the center 7001 and the calls; times as seconds."""
    snapshot = await lab.web.snapshot()
    rows = [next(row for row in snapshot["agents"] if row["id"] == str(person.id))]
    rows += [next(row for row in snapshot["centers"] if row["extension"] == "7001"), *snapshot["calls"]]
    found = {f"{row['kind']} {row['id']} {key}": value for row in rows for key, value in row.items()}
    times = {key: datetime.fromisoformat(str(at)).timestamp() for key, at in found.items() if "since" in key and at}
    return {**found, **times}


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
