"""Signing in by phone: right, wrong, too often wrong, somebody else's desk, and out again."""

from .lab import Lab


async def test_right_credentials_end_available(lab: Lab) -> None:
    person = lab.agent()
    await lab.sign_in(person)
    login = await lab.row("SELECT * FROM login_event WHERE account = $1 ORDER BY id DESC", person.id)
    assert (login["kind"], login["what"], login["origin"]) == ("phone", "signed_in", person.extension)
    row = await lab.live_row("agents", person.extension)
    assert row["condition"] == "available"
    await lab.becomes(person.extension, "ready")


async def test_wrong_password_is_said_three_times_and_signs_nobody_in(lab: Lab) -> None:
    person = lab.agent()
    phone = await lab.phone(person)
    call = await phone.dial("0010")
    await call.answered()
    for attempt in range(1, 4):
        await call.hears_something()
        await call.digits(f"{person.dial_id}#")
        await lab.pause_for_keys(5)
        await call.digits("86420975#")
        await lab.row(
            "SELECT 1 FROM login_event WHERE identity = $1 AND what = 'failed' HAVING count(*) >= $2",
            person.dial_id,
            attempt,
        )
    await call.ended(within=15.0)
    assert not await lab.pool.fetch("SELECT 1 FROM sign_in WHERE agent = $1", person.id)
    # the right password still works: three are fewer than a lock
    await lab.sign_in(person)


async def test_no_key_at_all_ends_by_itself(lab: Lab) -> None:
    phone = await lab.phone(lab.agent())
    call = await phone.dial("0010")
    await call.answered()
    await call.ended(within=60.0)


async def test_signing_in_elsewhere_releases_the_first_desk(lab: Lab) -> None:
    person, other = lab.agent(), lab.agent()
    await lab.sign_in(person)
    phone = await lab.phone(other)
    call = await phone.dial("0010")
    await lab.key_credentials(call, person.dial_id, person.dial_password)
    await lab.row("SELECT 1 FROM sign_in WHERE agent = $1 AND terminal = $2", person.id, other.id)
    await call.hang_up()
    await lab.becomes(other.extension, "ready")
    await lab.becomes(person.extension, "absent")


async def test_somebody_elses_desk_is_refused(lab: Lab) -> None:
    holder, visitor = lab.agent(), lab.agent()
    phone = await lab.sign_in(holder)
    call = await phone.dial("0010")
    await lab.key_credentials(call, visitor.dial_id, visitor.dial_password)
    await call.ended(within=20.0)
    assert not await lab.pool.fetch("SELECT 1 FROM sign_in WHERE agent = $1", visitor.id)


async def test_sign_out_from_the_own_desk_asks_nothing(lab: Lab) -> None:
    person = lab.agent()
    phone = await lab.sign_in(person)
    call = await phone.dial("0011")
    await call.ended(within=15.0)
    await lab.none("SELECT 1 FROM sign_in WHERE agent = $1", person.id)
    await lab.becomes(person.extension, "absent")


async def test_no_password_is_left_anywhere(lab: Lab) -> None:
    person = lab.agent()
    await lab.sign_in(person)
    for path in lab.center.plan.data.rglob("*"):
        if path.is_file() and path.name not in ("world.json",) and path.stat().st_size < 50_000_000:
            assert person.dial_password.encode() not in path.read_bytes(), path


async def test_five_wrong_passwords_lock_even_the_right_one_out(lab: Lab) -> None:
    person = lab.agent()
    phone = await lab.phone(person)
    try:
        for wrong in range(1, 6):
            if wrong in (1, 4):
                call = await phone.dial("0010")
                await call.answered()
            await call.hears_something()
            await call.digits(f"{person.dial_id}#")
            await lab.pause_for_keys(5)
            await call.digits("86420975#")
            await lab.row("SELECT 1 FROM lockout WHERE failures >= $1 AND kind = 'phone'", wrong)
        await lab.key_credentials(call, person.dial_id, person.dial_password)
        await call.ended(within=30.0)
        assert not await lab.pool.fetch("SELECT 1 FROM sign_in WHERE agent = $1", person.id)
        await lab.row("SELECT 1 FROM login_event WHERE identity = $1 AND what = 'locked'", person.dial_id)
    finally:
        await lab.pool.execute("DELETE FROM lockout")
