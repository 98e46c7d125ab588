"""Calls that the bridge places for an agent: the own terminal rings, then the customer, with our number shown."""

import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pbx_bridge.demo.phones import Call, Phone
from pbx_bridge.demo.world import MOBILES, Person

from .lab import Lab
from .test_inbound import AGENT, CUSTOMER
from .web import Web

if TYPE_CHECKING:
    import asyncpg


def number() -> str:
    return f"0900{random.randrange(10**7):07}"


async def owed(lab: Lab, place: int = 1) -> tuple[str, str]:
    """A caller whom the center owes a call: the callback's id and the number."""
    caller = number()
    id = await lab.pool.fetchval(
        """INSERT INTO callback (center, number, reason, since, last_at, changed_at)
           VALUES ($1, $2, 'asked', now(), now(), now()) RETURNING id""",
        place,
        caller,
    )
    return str(id), caller


async def promised(lab: Lab, person: Person) -> tuple[str, str]:
    """Somebody of the progressive campaign whom the agent promised a call now."""
    campaign, caller = lab.campaign("progressive").id, number()
    lead = await lab.pool.fetchval(
        """INSERT INTO lead (campaign, batch, number, name, state, dials, attempts)
           VALUES ($1, $1, $2, 'Promised', 'done', 1, 1) RETURNING id""",
        campaign,
        "+81" + caller[1:],
    )
    id = await lab.pool.fetchval(
        "INSERT INTO redial (lead, agent, due_at) VALUES ($1, $2, $3) RETURNING id", lead, person.id, datetime.now(UTC)
    )
    return str(id), caller


async def all_day(lab: Lab) -> None:
    """The campaign may call at any hour: this test runs at any."""
    window = '{"weekdays":[1,2,3,4,5,6,7],"opens":"00:00:00","closes":"23:59:59.9","holidays":true}'
    await lab.pool.execute(
        "UPDATE call_job SET rule = jsonb_set(rule, '{window}', $2::text::jsonb) WHERE id = $1",
        lab.campaign("progressive").id,
        window,
    )


async def dial(lab: Lab, person: Person, path: str) -> tuple[int, object]:
    async with Web(lab.center.plan.web, person) as web:
        status, body = await web.send("POST", f"{path}/dial")
    return status, body["type"].rpartition(":")[2] if isinstance(body, dict) else None


async def in_conversation(lab: Lab, phone: Phone, caller: str) -> tuple[Call, Call]:
    """The agent's own terminal rings first; the customer only when it is answered."""
    desk = await phone.rings()
    assert desk.caller == caller, "the agent sees whom the call is for"
    await desk.answer()
    customer = await lab.carrier.rings(within=15.0)
    assert customer.called == caller
    await customer.answer()
    await desk.say(tone=AGENT)
    await customer.say(tone=CUSTOMER)
    await desk.hears(CUSTOMER)
    await customer.hears(AGENT)
    return desk, customer


async def row_of(lab: Lab, caller: str) -> "asyncpg.Record":
    return await lab.row("SELECT * FROM call WHERE other_number = $1 AND ended_at IS NOT NULL", caller)


async def test_a_callback_is_dialed_from_the_list_and_closes_itself(lab: Lab) -> None:
    person = lab.agent()
    phone = await lab.sign_in(person)
    id, caller = await owed(lab)
    assert await dial(lab, person, f"callbacks/{id}") == (204, None)
    desk, customer = await in_conversation(lab, phone, caller)
    assert customer.caller == lab.place().number, "the center's number is shown"
    await lab.condition(person, "outgoing")
    await lab.pause_for_keys(8)
    await customer.hang_up()
    await desk.ended()
    row = await row_of(lab, caller)
    assert (row["direction"], row["reason"], row["result"], row["agent"]) == (
        "outbound", "callback", "answered", person.id,
    )  # fmt: skip
    assert row["center"] == lab.place().id, "in whose name"
    assert (row["from_number"], row["to_number"], row["ended_by"]) == (lab.place().number, caller, "customer")
    assert abs(row["talked_seconds"] - customer.talked) < 0.5
    closed = await lab.row("SELECT * FROM callback WHERE id = $1 AND state = 'done'", int(id))
    assert (closed["agent"], closed["answered_by"]) == (person.id, row["id"])
    await lab.row("SELECT 1 FROM recording WHERE call = $1 AND state = 'ready'", row["id"])
    cdr = await lab.row("SELECT * FROM cdr WHERE dst = $1", caller)
    assert (cdr["src"], cdr["disposition"]) == (person.extension, "ANSWERED")
    await lab.condition(person, "available")
    assert await dial(lab, person, f"callbacks/{id}") == (409, "callback-taken")


async def test_a_redial_is_an_attempt_of_its_campaign_and_keeps_the_promise(lab: Lab) -> None:
    person = lab.agent(13, 18)
    await all_day(lab)
    phone = await lab.sign_in(person)
    id, caller = await promised(lab, person)
    assert await dial(lab, person, f"redials/{id}") == (204, None)
    desk, customer = await in_conversation(lab, phone, caller)
    assert await dial(lab, person, f"redials/{id}") in [(409, "call-in-progress"), (409, "redial-changed")]
    await desk.hang_up()
    await customer.ended()
    row = await row_of(lab, caller)
    attempt = await lab.row("SELECT * FROM attempt WHERE id = $1 AND ended_at IS NOT NULL", row["attempt"])
    assert (row["reason"], row["result"], row["ended_by"]) == ("redial", "answered", "agent")
    assert (row["center"], row["job"]) == (None, lab.campaign("progressive").id)
    assert (attempt["by_hand"], attempt["result"], attempt["agent"], attempt["ordinal"]) == (
        True, "connected", person.id, 2,
    )  # fmt: skip
    assert attempt["number"] == "+81" + caller[1:]
    await lab.row("SELECT 1 FROM redial WHERE id = $1 AND done", int(id))
    await lab.row("SELECT 1 FROM response_record WHERE attempt = $1 AND agent = $2", attempt["id"], person.id)


async def test_who_does_not_pick_up_is_no_call_and_who_is_busy_is_told(lab: Lab) -> None:
    person = lab.agent(13, 18)
    await all_day(lab)
    phone = await lab.sign_in(person)
    id, caller = await promised(lab, person)
    assert await dial(lab, person, f"redials/{id}") == (204, None)
    await (await phone.rings()).answer(486)
    gone = await lab.row("SELECT * FROM attempt WHERE number = $1 AND ended_at IS NOT NULL", "+81" + caller[1:])
    assert (gone["result"], gone["charged"]) == ("cancelled", False)
    assert await lab.pool.fetchval("SELECT count(*) FROM call WHERE other_number = $1", caller) == 0

    assert await dial(lab, person, f"redials/{id}") == (204, None)
    desk = await phone.rings()
    await desk.answer()
    await (await lab.carrier.rings(within=15.0)).answer(486)
    await desk.hears_something()
    await desk.ended(within=15.0)
    row = await row_of(lab, caller)
    assert (row["result"], row["reason"]) == ("busy", "redial")
    attempt = await lab.row("SELECT * FROM attempt WHERE id = $1 AND ended_at IS NOT NULL", row["attempt"])
    assert (attempt["result"], attempt["charged"]) == ("busy", True)
    assert not await lab.pool.fetchval("SELECT done FROM redial WHERE id = $1", int(id))


async def test_what_no_rule_allows_is_refused_before_anything_rings(lab: Lab) -> None:
    person = lab.agent(13, 18)
    await all_day(lab)
    id, caller = await promised(lab, person)
    assert await dial(lab, person, f"redials/{id}") == (409, "not-signed-in")
    phone = await lab.sign_in(person)
    await lab.pool.execute("INSERT INTO do_not_call (number) VALUES ($1)", "+81" + caller[1:])
    assert await dial(lab, person, f"redials/{id}") == (409, "do-not-call")
    owed_id, _ = await owed(lab, 2)
    await lab.pool.execute("UPDATE callback SET number = '0990123456' WHERE id = $1", int(owed_id))
    status, _ = await lab.web.send("PUT", f"centers/2/agents/{person.id}", {"skill": 0})
    assert status == 204
    assert await dial(lab, person, f"callbacks/{owed_id}") == (204, None)
    desk = await phone.rings()
    await desk.answer()
    await desk.hears_something()  # that this number cannot be dialed
    await desk.ended()
    status, _ = await lab.web.send("DELETE", f"centers/2/agents/{person.id}")
    assert status == 204


async def test_a_mobile_as_the_sign_in_terminal_is_asked_first_and_dials_too(lab: Lab) -> None:
    person, mobile = lab.agent(), MOBILES[0]
    await lab.sign_in_from(mobile, person)
    id, caller = await owed(lab)
    assert await dial(lab, person, f"callbacks/{id}") == (204, None)
    own = await lab.carrier.rings(within=15.0)
    assert own.called == mobile
    await own.answer()
    await own.hears_something()
    await lab.carrier.silent(1.0)  # its voice mail may have answered: nobody is called yet
    await own.digits("1")
    customer = await lab.carrier.rings(within=15.0)
    assert (customer.called, customer.caller) == (caller, lab.place().number)
    await customer.answer()
    await own.say(tone=AGENT)
    await customer.hears(AGENT)
    await own.hang_up()
    await customer.ended()
    row = await row_of(lab, caller)
    assert (row["direction"], row["result"], row["agent"]) == ("outbound", "answered", person.id)


async def test_a_phone_that_is_unplugged_is_absent_not_unknown(lab: Lab) -> None:
    one, other = lab.agent(), lab.agent()
    phone, away = await lab.phone(one), await lab.phone(other)
    await away.unregister()
    assert (await (await phone.dial(other.extension)).ended()).code == 480
    row = await lab.row(
        "SELECT * FROM call WHERE from_number = $1 AND to_number = $2 AND ended_at IS NOT NULL",
        one.extension,
        other.extension,
    )
    assert (row["direction"], row["result"], row["talked_seconds"]) == ("internal", "failed", None)
    assert (await (await phone.dial("2999")).ended()).code == 404
    assert (await (await phone.dial("0990123456")).ended()).code == 403
    refused = "SELECT * FROM call WHERE to_number = '0990123456' AND from_number = $1 AND ended_at IS NOT NULL"
    row = await lab.row(refused, one.extension)
    assert (row["direction"], row["result"]) == ("outbound", "failed")
