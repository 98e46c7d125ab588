"""Status by extension: app_queue follows, and calls with it."""

from .lab import Lab


async def test_a_break_stops_calls_and_available_brings_them_back(lab: Lab) -> None:
    person = lab.agent()
    phone = await lab.sign_in(person)
    await lab.becomes(person.extension, "ready")
    rest = await phone.dial("0023")
    await lab.becomes(person.extension, "paused")
    await lab.condition(person, "paused")
    await rest.hang_up()

    customer = await lab.customer()
    await customer.answered()
    await phone.silent(4.0)

    back = await phone.dial("0021")
    await lab.condition(person, "available")
    await back.hang_up()
    desk = await phone.rings(within=15.0)
    await desk.answer()
    await desk.hang_up()
    await customer.ended()


async def test_each_interval_knows_its_source(lab: Lab) -> None:
    person = lab.agent()
    phone = await lab.sign_in(person)
    away = await phone.dial("0024")
    interval = await lab.condition(person, "paused")
    assert (interval["status"], interval["source"]) == ("away", "phone")
    await away.hang_up()
    status, _ = await lab.web.send("PUT", f"agents/{person.id}/status", {"status": "available"})
    assert status == 200
    interval = await lab.condition(person, "available")
    assert interval["source"] == "supervisor"
    await lab.becomes(person.extension, "ready")


async def test_the_login_history_knows_who_signed_an_agent_in(lab: Lab) -> None:
    person = lab.agent()
    await lab.phone(person)
    lab.signed_in.append(person)
    before = await lab.pool.fetchval("SELECT max(id) FROM login_event")
    for status, what in (("available", "signed_in"), ("logged_off", "signed_out")):
        answer, _ = await lab.web.send("PUT", f"agents/{person.id}/status", {"status": status})
        assert answer == 200
        told = "SELECT origin FROM login_event WHERE id > $1 AND account = $2 AND what = $3"
        assert (await lab.row(told, before, person.id, what))["origin"] == person.extension
    rows = [row for row in (await lab.web.get("logins"))["rows"] if int(row["id"]) > before]
    assert [(row["kind"], row["what"]) for row in rows if row["origin"] == person.extension] == [
        ("supervisor", "signed_out"),
        ("supervisor", "signed_in"),
    ]


async def test_a_break_asked_for_in_a_call_begins_after_it(lab: Lab) -> None:
    person = lab.agent()
    phone = await lab.sign_in(person)
    customer = await lab.customer()
    desk = await phone.rings()
    await desk.answer()
    await lab.condition(person, "talking")
    status, _ = await lab.web.send("PUT", f"agents/{person.id}/status", {"status": "break"})
    assert status == 200
    await lab.row("SELECT 1 FROM status_interval WHERE agent = $1 AND until IS NULL AND pending = 'break'", person.id)
    await customer.hang_up()
    interval = await lab.condition(person, "paused")
    assert interval["status"] == "break"
    await lab.becomes(person.extension, "paused")


async def test_the_lamp_of_a_status_is_lit(lab: Lab) -> None:
    person = lab.agent()
    phone = await lab.sign_in(person)
    call = await phone.dial("0023")
    await lab.condition(person, "paused")
    await call.hang_up()

    async def lamps() -> str:
        return await lab.console("devstate list")

    await lab.until(lamps, lambda said: f"Custom:status-{person.extension}-3" in said and "INUSE" in said)
