"""What a center does with its callers, heard and read: priority, skill, cap, hours, ways out, callbacks, guidance."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pbx_bridge.demo.phones import Call
from tests.lab.lab import Lab

from .conftest import ASKING, CLOSED, EMPTY, LATE, MAILBOX, SHARED, SKILLED, SMALL, URGENT

if TYPE_CHECKING:
    import asyncpg

AGENT, CUSTOMER = 440, 1000


async def queued(lab: Lab, extension: str) -> Call:
    """A customer who waits in the center's queue."""
    customer = await lab.customer(extension)
    await lab.row(
        "SELECT 1 FROM call_event e JOIN call c ON c.id = e.call WHERE c.other_number = $1 AND e.kind = 'queued'",
        customer.caller,
        within=20.0,
    )
    return customer


async def turned_away(lab: Lab, customer: Call, why: str) -> "asyncpg.Record":
    """The customer's finished call, which says why the center did not take it."""
    row = await lab.call_of(customer)
    step = await lab.row("SELECT detail FROM call_event WHERE call = $1 AND kind = 'turned_away'", row["id"])
    assert step["detail"] == why
    return row


async def owed(lab: Lab, customer: Call, state: str = "open") -> "asyncpg.Record":
    return await lab.row("SELECT * FROM callback WHERE number = $1 AND state = $2", customer.caller, state)


async def test_of_two_centers_that_share_an_agent_the_more_urgent_ones_caller_comes_first(lab: Lab) -> None:
    early = await queued(lab, SHARED)
    urgent = await queued(lab, URGENT)
    phone = await lab.sign_in(lab.people[0])
    desk = await phone.rings(within=15.0)
    assert desk.caller == urgent.caller
    await desk.answer()
    await urgent.hang_up()
    await desk.ended()
    second = await phone.rings(within=20.0)
    assert second.caller == early.caller
    await early.hang_up()


async def test_a_waiting_caller_hears_the_position_over_the_music(lab: Lab) -> None:
    """The position is spoken: the music stops for it, app_queue says so on the caller's channel."""
    first, second = await queued(lab, SHARED), await queued(lab, SHARED)
    await lab.until(
        lambda: lab.console("core show channels concise"), lambda said: said.count("!Queue!") == 2, 5.0, "two in queues"
    )
    await lab.until(lambda: playing(lab), lambda sounds: "queue-position" in sounds, 20.0, "the position is played")
    await first.hang_up()
    await second.hang_up()


async def playing(lab: Lab) -> str:
    """Sound files that Asterisk has open now."""
    pid = lab.center.asterisk.pid
    return await lab.in_thread(_open_files, pid)


def _open_files(pid: int) -> str:
    names = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            names.append(str(link.readlink()))
        except FileNotFoundError:
            continue
    return " ".join(name for name in names if name.endswith((".wav", ".raw")))


async def test_skill_level_zero_is_asked_first_and_the_center_is_named_to_the_agent_alone(lab: Lab) -> None:
    expert, novice = await lab.sign_in(lab.people[1]), await lab.sign_in(lab.people[2])
    customer = await queued(lab, SKILLED)
    await customer.say(tone=CUSTOMER)
    desk = await expert.rings(within=10.0)
    await desk.say(tone=AGENT)
    await desk.answer()
    whispered = await desk.hears_something(within=5.0)
    assert f"center-{SKILLED}.wav" in await playing(lab)
    assert (await desk.listen(CUSTOMER)).shares[0] < 0.1, whispered
    assert (await customer.listen(AGENT)).shares[0] < 0.1
    await customer.hears(AGENT)
    await desk.hears(CUSTOMER)
    assert novice.incoming.empty()
    other = await queued(lab, SKILLED)
    taken = await novice.rings(within=15.0)
    assert taken.caller == other.caller
    await customer.hang_up()
    await other.hang_up()


async def test_one_call_too_many_is_busy_before_it_is_answered_and_the_place_is_free_again(lab: Lab) -> None:
    first = await queued(lab, SMALL)
    second = await lab.customer(SMALL)
    await second.ended()
    assert second.code == 486
    assert second.at("up") is None
    row = await turned_away(lab, second, "full")
    assert (row["result"], row["center"]) == ("abandoned", lab.place(SMALL).id)
    assert (await owed(lab, second))["reason"] == "overflowed"
    await first.hang_up()
    await lab.no_channel_left()
    third = await queued(lab, SMALL)
    await third.hang_up()


async def test_with_nobody_signed_in_callers_go_to_a_desk(lab: Lab) -> None:
    desk = await lab.phone(lab.people[3])
    customer = await lab.customer(EMPTY)
    ringing = await desk.rings()
    assert ringing.caller == customer.caller
    await ringing.answer()
    await customer.hang_up()
    await ringing.ended()
    row = await turned_away(lab, customer, "nobody")
    assert row["result"] == "answered"
    assert await lab.pool.fetchrow("SELECT 1 FROM callback WHERE number = $1", customer.caller) is None


async def test_whoever_waits_when_the_last_agent_signs_out_goes_there_too(lab: Lab) -> None:
    person, desk = lab.people[1], await lab.phone(lab.people[3])
    await lab.sign_in(person)
    status, _ = await lab.web.send("PUT", f"agents/{person.id}/status", {"status": "break"})
    assert status == 200
    await lab.becomes(person.extension, "paused", EMPTY)
    customer = await queued(lab, EMPTY)  # on a break is not gone: they wait
    status, _ = await lab.web.send("PUT", f"agents/{person.id}/status", {"status": "logged_off"})
    assert status == 200
    ringing = await desk.rings(within=15.0)
    assert ringing.caller == customer.caller
    await customer.hang_up()
    await turned_away(lab, customer, "nobody")


async def test_on_a_closed_day_callers_hear_so_and_nobody_owes_them_a_call(lab: Lab) -> None:
    customer = await lab.customer(CLOSED)
    await customer.answered()
    await customer.hears_something()
    await customer.ended(within=20.0)
    row = await turned_away(lab, customer, "closed")
    assert row["result"] == "closed"
    assert await lab.pool.fetchrow("SELECT 1 FROM callback WHERE number = $1", customer.caller) is None


async def test_a_message_is_recorded_and_owed(lab: Lab) -> None:
    customer = await lab.customer(MAILBOX)
    await customer.answered()
    await customer.say(tone=CUSTOMER)
    await lab.row(
        "SELECT 1 FROM call_event e JOIN call c ON c.id = e.call WHERE other_number = $1 AND kind = 'message_left'",
        customer.caller,
        within=20.0,
    )
    await lab.pause_for_keys(8)
    await customer.hang_up()
    row = await turned_away(lab, customer, "closed")
    assert row["result"] == "callback"
    kept = await lab.row("SELECT * FROM recording WHERE call = $1 AND state = 'ready'", row["id"], within=20.0)
    assert kept["seconds"] > 1.0
    assert kept["other_share"] > 0.5
    assert (await owed(lab, customer))["reason"] == "message"


async def test_who_waits_too_long_asks_for_a_call_and_a_later_conversation_settles_it(lab: Lab) -> None:
    customer = await lab.customer(LATE)
    await customer.answered()
    await lab.row(
        "SELECT 1 FROM call_event e JOIN call c ON c.id = e.call WHERE other_number = $1 AND kind = 'callback_offered'",
        customer.caller,
        within=20.0,
    )
    await keyed(lab, customer, "1")
    await customer.ended(within=20.0)
    await turned_away(lab, customer, "late")
    row = await owed(lab, customer)
    assert (row["reason"], row["times"]) == ("asked", 1)
    listed = "SELECT count(*) FROM callback WHERE center = $1 AND state = 'open'"
    count = await lab.pool.fetchval(listed, lab.place(LATE).id)
    await lab.until(
        lambda: lab.live_row("centers", LATE), lambda center: center["callbacks"] == count, 10.0, "on the tile"
    )

    person = lab.people[3]
    taken = await patch(lab, row["id"], {"state": "in_progress", "memo": "昼に"})
    assert (taken["state"], taken["memo"]) == ("in_progress", "昼に")
    phone = await lab.sign_in(person)
    call = await phone.dial(customer.caller)
    ringing = await lab.carrier.rings()
    await ringing.answer()
    settled = await owed(lab, customer, "done")
    assert settled["agent"] == person.id
    await call.hang_up()
    assert settled["answered_by"] == (await lab.row("SELECT id FROM call WHERE to_number = $1", customer.caller))["id"]


async def keyed(lab: Lab, customer: Call, key: str) -> None:
    """Pressed until Asterisk asks for it: the sentence before it takes as long as it takes."""

    async def press() -> "asyncpg.Record | None":
        if customer.progress == "up":
            await customer.digits(key)
        return await lab.pool.fetchrow(
            "SELECT 1 FROM call_event JOIN call c ON c.id = call WHERE other_number = $1 AND kind = 'callback_asked'",
            customer.caller,
        )

    await lab.until(press, lambda row: row is not None, 25.0, "asked for a callback")


async def patch(lab: Lab, id: int, body: dict[str, str]) -> dict[str, Any]:
    status, answer = await lab.web.send("PATCH", f"callbacks/{id}", body)
    assert status == 200, answer
    found: dict[str, Any] = answer
    return found


async def test_a_closed_center_sends_its_callers_on_to_another(lab: Lab) -> None:
    customer = await lab.customer(ASKING)
    await customer.answered()
    await customer.ended(within=40.0)
    row = await lab.call_of(customer)
    assert (row["center"], row["result"]) == (lab.place(LATE).id, "abandoned")
    assert (await owed(lab, customer))["reason"] == "overflowed"


async def test_an_agent_put_into_a_center_on_its_page_rings_at_once(lab: Lab) -> None:
    person, place = lab.people[3], lab.place(SMALL)
    await lab.sign_in(person)
    assert await lab.member(person.extension, SMALL) == "absent"
    status, _ = await lab.web.send("PUT", f"centers/{place.id}/agents/{person.id}", {"skill": 2})
    assert status == 204
    await lab.becomes(person.extension, "ready", SMALL)
    status, _ = await lab.web.send("DELETE", f"centers/{place.id}/agents/{person.id}")
    assert status == 204
    await lab.becomes(person.extension, "absent", SMALL)


async def test_who_keys_that_they_want_a_call_is_not_forgotten_while_the_bridge_is_away(lab: Lab) -> None:
    """Killed before the caller comes, and killed between their coming and their key."""
    await lab.center.kill_bridge()
    unseen = await lab.customer(LATE)
    await unseen.answered()
    await keys_until_the_end(unseen)
    await lab.center.start_bridge()
    row = await owed(lab, unseen)
    assert (row["reason"], row["times"], row["center"]) == ("asked", 1, lab.place(LATE).id)

    seen = await queued(lab, LATE)
    await lab.center.kill_bridge()
    await keys_until_the_end(seen)
    await lab.center.start_bridge()
    row = await owed(lab, seen)
    assert (row["reason"], row["times"], row["center"]) == ("asked", 1, lab.place(LATE).id)
    call = await lab.call_of(seen)
    assert call["result"] == "callback"
    steps = await lab.steps(call["id"])
    assert [steps.count(kind) for kind in ("turned_away", "callback_offered", "callback_asked")] == [1, 1, 1]


async def keys_until_the_end(customer: Call) -> None:
    while customer.progress == "up":
        await customer.digits("1")
        await Lab.pause_for_keys(2)


async def test_with_the_bridge_away_centers_do_the_same_and_who_gave_up_is_owed_a_call_afterwards(lab: Lab) -> None:
    await lab.center.kill_bridge()
    shut = await lab.customer(CLOSED)
    await shut.answered()
    await shut.hears_something()
    patient = await lab.customer(SMALL)
    await patient.answered()
    over = await lab.customer(SMALL)
    await over.ended()
    assert over.code == 486
    await patient.hears_something()
    await patient.hang_up()
    await shut.ended(within=20.0)
    await lab.center.start_bridge()
    for customer in (patient, over):
        row = await owed(lab, customer)
        reason = "overflowed" if customer is over else "abandoned"
        assert (row["reason"], row["center"]) == (reason, lab.place(SMALL).id)
    row = await lab.row("SELECT result, id FROM call WHERE other_number = $1 AND result IS NOT NULL", shut.caller)
    assert row["result"] == "closed"
    assert await lab.pool.fetchrow("SELECT 1 FROM callback WHERE number = $1", shut.caller) is None
