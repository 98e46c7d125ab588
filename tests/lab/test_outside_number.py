"""An agent works from a mobile: signed in by a call from it, rung through the carrier, everything follows."""

import io
import random

import soundfile

from pbx_bridge.core.contexts import outside_endpoint
from pbx_bridge.demo.phones import Call
from pbx_bridge.demo.tones import share
from pbx_bridge.demo.world import MOBILES, Person

from .lab import Lab
from .test_inbound import AGENT, CUSTOMER, loudest
from .web import Web

MACHINE = 1750
"""What a voice mail says, in Hz: the music that customers wait to has hardly any of it."""
_STORY = "SELECT condition FROM status_interval WHERE agent = $1 AND call = $2 AND since >= $3 ORDER BY since, id"


async def sign_out(lab: Lab, person: Person, mobile: str) -> None:
    call = await lab.carrier.dial(lab.center.kept.world.sign_out_number, caller=mobile)
    await lab.key_credentials(call, person.dial_id, person.dial_password)
    await lab.none("SELECT 1 FROM sign_in WHERE agent = $1", person.id)
    await call.ended()
    await lab.becomes(outside_endpoint(mobile), "absent")


async def talk(lab: Lab, person: Person, mobile: str) -> tuple[Call, Call]:
    """A customer of the center and the mobile, in conversation."""
    customer = await lab.customer()
    ringing = await lab.carrier.rings(within=15.0)
    assert ringing.called == mobile
    await lab.condition(person, "ringing")
    await lab.take(ringing)
    await ringing.say(tone=AGENT)
    await customer.say(tone=CUSTOMER)
    await customer.hears(AGENT)
    await ringing.hears(CUSTOMER)
    await lab.condition(person, "talking")
    return customer, ringing


async def offered(lab: Lab, mobile: str) -> tuple[Call, Call]:
    """A customer of the center, and the mobile as it rings."""
    customer = await lab.customer()
    await customer.answered()
    ringing = await lab.carrier.rings(within=15.0)
    assert ringing.called == mobile
    return customer, ringing


async def waits_on(lab: Lab, person: Person, mobile: str, customer: Call) -> None:
    """The customer is where they were, and whoever did not take them is asked again as if they had let it ring."""
    call = await lab.row(
        "SELECT c.id FROM call c JOIN call_event e ON e.call = c.id WHERE other_number = $1 AND kind = 'not_taken'",
        customer.caller,
    )
    again = await lab.carrier.rings(within=15.0)
    assert again.called == mobile
    assert customer.progress == "up"
    steps = await lab.until(lambda: lab.steps(call["id"]), lambda steps: steps.count("offered") == 2)
    assert (steps.count("queued"), steps.count("left_queue")) == (1, 0)
    row = await lab.row("SELECT answered_at, ended_at FROM call WHERE id = $1", call["id"])
    assert (row["answered_at"], row["ended_at"]) == (None, None)
    await lab.take(again)
    await again.say(tone=AGENT)
    await customer.hears(AGENT)
    await customer.hang_up()
    await again.ended()
    row = await lab.call_of(customer)
    assert (row["result"], row["agent"]) == ("answered", person.id)


async def test_a_mobile_takes_the_centers_calls_and_its_books_are_right(lab: Lab) -> None:
    person, mobile = lab.agent(), MOBILES[0]
    calls_before = await lab.pool.fetchval("SELECT count(*) FROM call")
    await lab.sign_in_from(mobile, person)
    login = await lab.row("SELECT * FROM login_event WHERE account = $1 ORDER BY id DESC", person.id)
    assert (login["kind"], login["what"], login["origin"]) == ("phone", "signed_in", mobile)
    assert (await lab.live_agent(person))["condition"] == "available"

    customer, answered = await talk(lab, person, mobile)
    began = await lab.pool.fetchval("SELECT started_at FROM call ORDER BY started_at DESC LIMIT 1")
    await lab.pause_for_keys(8)  # enough to be recorded
    await customer.hang_up()
    await answered.ended()
    await lab.condition(person, "wrap_up")
    await lab.condition(person, "available", within=5.0)

    row = await lab.call_of(customer)
    terminal = await lab.row("SELECT * FROM terminal WHERE extension = $1", mobile)
    assert (row["direction"], row["result"], row["ended_by"]) == ("inbound", "answered", "customer")
    assert (row["agent"], row["terminal"], row["center"]) == (person.id, terminal["id"], 1)
    assert 0.0 < answered.talked - row["talked_seconds"] < 10.0, "to be asked is no talk"
    steps = await lab.steps(row["id"])
    assert steps.index("queued") < steps.index("offered")
    story = [each["condition"] for each in await lab.pool.fetch(_STORY, person.id, row["id"], began)]
    assert story == ["ringing", "talking", "wrap_up"]
    legs = "SELECT dst_channel FROM cdr WHERE src = $1 AND disposition = 'ANSWERED' AND dst_channel LIKE $2"
    await lab.row(legs, customer.caller, f"PJSIP/{outside_endpoint(mobile)}-%")

    await lab.row("SELECT 1 FROM recording WHERE call = $1 AND state = 'ready'", row["id"])
    _, sound = await lab.web.send("GET", f"calls/{row['id']}/recording?format=wav")
    samples, rate = soundfile.read(io.BytesIO(sound), dtype="int16")
    left, right = (loudest(samples[:, channel], rate) for channel in (0, 1))
    assert share(left, rate, AGENT) > 0.9
    assert share(right, rate, CUSTOMER) > 0.9

    await sign_out(lab, person, mobile)
    assert await lab.pool.fetchval("SELECT count(*) FROM call") == calls_before + 1, "dial operations are no calls"


async def test_a_voice_mail_gets_no_customer(lab: Lab) -> None:
    """It answers and speaks, and nobody keys 1: the customer hears none of it, waits on, and is offered again."""
    person, mobile = lab.agent(), MOBILES[0]
    await lab.sign_in_from(mobile, person)
    customer, ringing = await offered(lab, mobile)
    await ringing.say(tone=MACHINE)
    await customer.say(tone=CUSTOMER)
    await ringing.answer()
    await ringing.hears_something()
    assert (await ringing.listen(CUSTOMER)).shares[0] < 0.1
    while (await lab.live_agent(person))["condition"] == "ringing":
        assert (await customer.listen(MACHINE)).shares[0] < 0.1
    await ringing.ended()
    await waits_on(lab, person, mobile, customer)


async def test_who_hangs_up_instead_of_keying_has_not_answered(lab: Lab) -> None:
    person, mobile = lab.agent(), MOBILES[1]
    await lab.sign_in_from(mobile, person)
    customer, ringing = await offered(lab, mobile)
    await ringing.answer()
    await ringing.hears_something()
    await ringing.hang_up()
    await waits_on(lab, person, mobile, customer)


async def test_a_customer_who_gives_up_meanwhile_is_said_to_be_gone(lab: Lab) -> None:
    person, mobile = lab.agent(), MOBILES[2]
    await lab.sign_in_from(mobile, person)
    customer, ringing = await offered(lab, mobile)
    await ringing.answer()
    await ringing.hears_something()
    await customer.hang_up()
    assert ringing.progress == "up"
    await ringing.digits("1")
    await ringing.hears_something()
    await ringing.ended()
    row = await lab.call_of(customer)
    assert (row["result"], row["ended_by"]) == ("abandoned", "customer")
    await lab.condition(person, "available")


async def test_a_carrier_may_write_numbers_as_from_abroad(lab: Lab) -> None:
    """Who signs in, who calls, and which center was called: all of them the numbers that people dial."""
    person, mobile, customer = lab.agent(), MOBILES[0], f"90{random.randrange(10**8):08}"
    await lab.sign_in_from(mobile, person, shown=f"+81{mobile[1:]}")
    call = await lab.carrier.dial(f"+81{lab.place().number[1:]}", caller=f"+81{customer}")
    ringing = await lab.carrier.rings(within=15.0)
    assert ringing.called == mobile
    await lab.take(ringing)
    await lab.condition(person, "talking")
    await call.hang_up()
    await ringing.ended()
    row = await lab.row("SELECT * FROM call WHERE other_number = $1 AND ended_at IS NOT NULL", f"0{customer}")
    assert (row["to_number"], row["center"], row["result"]) == (lab.place().number, lab.place().id, "answered")


async def test_the_recording_is_paused_by_key_at_a_mobile(lab: Lab) -> None:
    """Keys within the call are the mobile's own, although app_queue did not ring it itself."""
    person, mobile = lab.agent(), MOBILES[3]
    await lab.sign_in_from(mobile, person)
    customer, answered = await talk(lab, person, mobile)
    await answered.digits("*3")
    await lab.row(
        "SELECT 1 FROM call c JOIN call_event e ON e.call = c.id"
        " WHERE other_number = $1 AND kind = 'recording_paused' AND e.agent = $2",
        customer.caller,
        person.id,
    )
    await customer.hang_up()
    await answered.ended()


async def test_a_mobiles_status_follows_the_web_and_survives_the_bridge(lab: Lab) -> None:
    person, mobile = lab.agent(), MOBILES[1]
    await lab.sign_in_from(mobile, person)
    customer, answered = await talk(lab, person, mobile)
    corrected, target = "SELECT count(*) FROM audit WHERE act = 'agent_corrected' AND target = $1", f"agent:{person.id}"
    before = await lab.pool.fetchval(corrected, target)
    await lab.center.kill_bridge()
    await lab.center.start_bridge()
    await lab.condition(person, "talking")
    assert await lab.pool.fetchval(corrected, target) == before
    status, _ = await lab.web.send("PUT", f"agents/{person.id}/status", {"status": "break"})
    assert status == 200
    await customer.hang_up()
    await answered.ended()
    interval = await lab.condition(person, "paused")
    assert interval["status"] == "break"
    assert (await lab.call_of(customer))["agent"] == person.id
    await lab.becomes(outside_endpoint(mobile), "paused")


async def test_a_mobile_becomes_a_jobs_open_line(lab: Lab) -> None:
    """Joined from the web: the bridge rings the mobile, which stays on; the list's customers arrive on it."""
    job, mobile = lab.campaign("progressive").id, MOBILES[2]
    person = lab.agent(13, 18)
    await lab.sign_in_from(mobile, person)
    await lab.web.send("POST", f"call-jobs/{job}/start")
    try:
        async with Web(lab.center.plan.web, person) as own:
            assert (await own.send("POST", f"call-jobs/{job}/join"))[0] == 204
        line = await lab.carrier.rings()
        assert line.called == mobile
        await lab.take(line)
        await line.say(tone=AGENT)
        await lab.until(lambda: lab.live_agent(person), lambda row: row.get("job") == str(job))
        number = f"+81900{random.randrange(10**7):07}"
        await lab.pool.execute(
            "INSERT INTO lead (campaign, batch, number, name) VALUES ($1, $1, $2, 'Lead')", job, number
        )
        customer = await lab.carrier.rings(within=15.0)
        assert customer.called == number
        await customer.answer()
        await customer.say(tone=CUSTOMER)
        await line.hears(CUSTOMER)
        await customer.hears(AGENT)
        await customer.hang_up()
        row = await lab.row("SELECT * FROM call WHERE to_number = $1 AND ended_at IS NOT NULL", number)
        assert (row["direction"], row["result"], row["agent"]) == ("campaign", "answered", person.id)
        assert line.progress == "up"
        await line.hang_up()
    finally:
        await lab.web.send("POST", f"call-jobs/{job}/stop")
