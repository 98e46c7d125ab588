"""A thousand wrong PINs against real rows: few are checked, somebody hears of it, and nobody else suffers."""

import asyncio
from typing import TYPE_CHECKING

import pytest

from pbx_bridge.core.errors import Refused
from pbx_bridge.ports.accounts import Account
from pbx_bridge.services.dial_credentials import DialCredentials
from pbx_bridge.services.prove import Prover
from pbx_bridge.store.accounts import AccountRows, NewAccount, TerminalRows
from pbx_bridge.store.audit import verify
from pbx_bridge.store.lockouts import LockoutRows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pbx_bridge.store.pool import Pool

OWN, OTHERS = "2001", "2002"
ID, PIN = "1001", "739101"


class Counting(Prover):
    """The real thing, and how often it was asked."""

    checked = 0

    async def verify(self, hash: str | None, secret: str) -> bool:
        self.checked += 1
        return await super().verify(hash, secret)


@pytest.fixture
async def prover() -> "AsyncIterator[Counting]":
    prover = Counting(b"pepper")
    yield prover
    prover.close()


@pytest.fixture
async def desk(pool: "Pool", prover: Counting) -> DialCredentials:
    """Agent 1001 with a terminal of their own."""
    accounts = AccountRows(pool)
    await TerminalRows(pool).create(OWN, "sip-secret", "ja")
    hashed = await prover.hash(PIN)
    await accounts.create(NewAccount("agent@example.jp", "Agent", "agent", "no web login", "ja", "", ID, hashed, OWN))
    return DialCredentials(accounts, LockoutRows(pool), prover)


async def outcome(desk: DialCredentials, dial_id: str, pin: str, origin: str) -> str:
    try:
        found = await desk.check(dial_id, pin, origin)
    except Refused as refusal:
        return refusal.id
    assert isinstance(found, Account)
    return "proven"


@pytest.mark.parametrize("at_once", [1, 50])
async def test_a_thousand_wrong_pins_from_one_phone(
    pool: "Pool", prover: Counting, desk: DialCredentials, at_once: int
) -> None:
    pins = [f"{pin:06}" for pin in range(1000)]
    for first in range(0, 1000, at_once):
        heard = await asyncio.gather(*(outcome(desk, ID, pin, OTHERS) for pin in pins[first : first + at_once]))
        assert "proven" not in heard
    assert prover.checked <= 20
    rows = await pool.fetch("SELECT act, target, origin FROM audit")
    assert {tuple(row) for row in rows} == {("locked_out", f"login:{ID}", OTHERS)}
    assert await verify(pool) is None
    assert await outcome(desk, ID, PIN, OWN) == "proven"
    assert await outcome(desk, ID, PIN, OTHERS) == "locked"


async def test_hours_of_guessing_are_checked_ever_more_rarely(
    pool: "Pool", prover: Counting, desk: DialCredentials
) -> None:
    """One try each half minute for 1,000 half minutes: the clock is moved, not waited for."""
    for pin in range(1000):
        await outcome(desk, ID, f"{pin:06}", OTHERS)
        await pool.execute(
            "UPDATE lockout SET locked_until = locked_until - interval '30 s', last_at = last_at - interval '30 s'"
        )
    print(f"checked: {prover.checked}")
    assert prover.checked <= 20
    assert await outcome(desk, ID, PIN, OWN) == "proven"


async def test_many_ids_from_one_phone_lock_the_phone_and_not_the_people(desk: DialCredentials) -> None:
    heard = [await outcome(desk, str(1000 + n % 40), "000000", OTHERS) for n in range(200)]
    assert heard.count("wrong-credentials") == 5
    assert await outcome(desk, ID, PIN, OWN) == "proven"


async def test_at_their_own_terminal_too_wrong_pins_lock(prover: Counting, desk: DialCredentials) -> None:
    for _ in range(20):
        await outcome(desk, ID, "000000", OWN)
    assert prover.checked == 5
    assert await outcome(desk, ID, PIN, OWN) == "locked"


async def test_a_free_seat_becomes_ones_own_by_signing_in_there(pool: "Pool", desk: DialCredentials) -> None:
    await pool.execute(
        "INSERT INTO login_event (at, kind, what, account, origin) SELECT now(), 'phone', 'signed_in', id, '2009' "
        "FROM account"
    )
    for pin in range(20):
        await outcome(desk, ID, f"{pin:06}", OTHERS)
    assert await outcome(desk, ID, PIN, "2009") == "proven"
    assert await outcome(desk, ID, PIN, "2010") == "locked"
