"""Wrong PINs from one real phone, against real rows; a thousand of them: tests/services/test_dial_credentials.py."""

from .lab import Lab


async def test_wrong_pins_lock_the_phone_that_tries_and_not_the_agents_own(lab: Lab) -> None:
    victim, other = lab.agent(), lab.agent()
    phone = await lab.phone(other)
    for _ in range(3):  # three tries, two, and one that is not checked any more
        call = await phone.dial("0010")
        await call.answered()
        while call.progress != "ended":
            await call.digits(f"{victim.dial_id}#86420975#")
            await lab.pause_for_keys(len(victim.dial_id) + 10)
    tries = await lab.pool.fetch("SELECT what FROM login_event WHERE origin = $1 AND identity <> ''", other.extension)
    whats = [row["what"] for row in tries]
    assert whats.count("failed") + whats.count("locked") == 5
    alarm = await lab.row("SELECT * FROM audit WHERE act = 'locked_out' AND origin = $1", other.extension)
    assert alarm["target"] == f"login:{victim.dial_id}"
    try:
        await lab.sign_in(victim)
    finally:
        await lab.pool.execute("DELETE FROM lockout")
