"""Accounts, sessions and lockouts as the ports promise them."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pbx_bridge.core.errors import Refused
from pbx_bridge.core.ids import AgentId
from pbx_bridge.ports.accounts import Accounts, AuditTrail, Lockouts, Sessions, Terminals
from pbx_bridge.services.first_administrator import first_administrator
from pbx_bridge.store.accounts import AccountRows, NewAccount, TerminalRows
from pbx_bridge.store.audit import AuditLog, verify
from pbx_bridge.store.lockouts import FREE_TRIES, FREE_TRIES_FROM_AN_ADDRESS, LockoutRows, lock_seconds
from pbx_bridge.store.sessions import SessionRows
from tests.store.rows import add_agent

if TYPE_CHECKING:
    from pbx_bridge.store.pool import Pool


def the_ports(pool: "Pool") -> tuple[Accounts, Sessions, Lockouts, Terminals, AuditTrail]:
    """mypy proves here that each class is its port."""
    return AccountRows(pool), SessionRows(pool), LockoutRows(pool), TerminalRows(pool), AuditLog(pool)


async def test_an_account_is_found_by_each_of_its_names(pool: "Pool") -> None:
    accounts, _, _, terminals, _ = the_ports(pool)
    await TerminalRows(pool).create("1001", "secret", "en")
    new = NewAccount(
        "Aiko@Example.jp", "愛子", "agent", "web-hash", dial_id="4711", dial_hash="dial-hash", extension="1001"
    )
    id = await AccountRows(pool).create(new)
    by_id, by_login, by_dial = (
        await accounts.by_id(id),
        await accounts.by_login("AIKO@example.JP"),
        await accounts.by_dial_id("4711"),
    )
    assert by_id is not None
    assert by_login is not None
    assert by_dial is not None
    assert (by_id.login, by_id.extension, by_id.is_agent) == ("aiko@example.jp", "1001", True)
    assert (by_login.hash, by_dial.hash) == ("web-hash", "dial-hash")
    assert by_login.account == by_dial.account == by_id
    terminal = await terminals.by_endpoint("1001")
    assert terminal is not None
    assert terminal.language == "en"
    assert await accounts.by_dial_id("4712") is None
    assert await terminals.by_endpoint("9999") is None


async def test_an_account_switched_off_is_not_there(pool: "Pool") -> None:
    id = await add_agent(pool, 1)
    await pool.execute("UPDATE account SET active = false")
    accounts = AccountRows(pool)
    assert await accounts.by_id(id) is None
    assert await accounts.by_dial_id("1001") is None
    assert await accounts.all() == []


async def test_names_are_nobody_elses(pool: "Pool") -> None:
    first, second = await add_agent(pool, 1), await add_agent(pool, 2)
    accounts = AccountRows(pool)
    with pytest.raises(Refused, match="not-permitted"):
        await accounts.set_dial_operation(second, "1001", "hash")
    with pytest.raises(Refused, match="not-permitted"):
        await accounts.set_dial_operation(second, "letters", "hash")
    with pytest.raises(Refused, match="not-permitted"):
        await accounts.create(NewAccount("agent1@example.jp", "Double", "agent", "hash"))
    with pytest.raises(Refused, match="not-permitted"):
        await accounts.create(NewAccount("new@example.jp", "", "agent", "hash"))
    await accounts.set_dial_operation(first, "555555", "new")
    secret = await accounts.by_dial_id("555555")
    assert secret is not None
    assert secret.hash == "new"
    assert [row["what"] for row in await pool.fetch("SELECT what FROM password_change")] == ["dial_operation"]


async def test_only_what_is_given_changes(pool: "Pool") -> None:
    id = await add_agent(pool, 1)
    accounts = AccountRows(pool)
    await accounts.update(id, name=None, language="en", seat="B-12")
    account = await accounts.by_id(id)
    assert account is not None
    assert (account.name, account.language, account.seat) == ("Agent 1", "en", "B-12")


async def test_the_first_administrator_is_made_once(pool: "Pool") -> None:
    accounts = AccountRows(pool)
    made = await asyncio.gather(*(accounts.create_first("admin@localhost", "Administrator", "hash") for _ in range(5)))
    assert len([id for id in made if id is not None]) == 1
    (account,) = await accounts.all()
    assert (account.role, account.password_changed_at) == ("administrator", datetime.fromtimestamp(0, UTC))


async def test_an_empty_installation_is_opened_with_a_password_nobody_knew(pool: "Pool") -> None:
    async def hash_secret(secret: str) -> str:
        return f"hash of {secret}"

    made = await first_administrator(AccountRows(pool), hash_secret)
    assert made is not None
    assert len(made.password) >= 16
    secret = await AccountRows(pool).by_login(made.login)
    assert secret is not None
    assert secret.hash == f"hash of {made.password}"
    assert await first_administrator(AccountRows(pool), hash_secret) is None


async def test_a_session_lives_while_it_is_used(pool: "Pool") -> None:
    id, sessions = await add_agent(pool, 1), SessionRows(pool)
    await sessions.open(id, b"token", "csrf", "127.0.0.1", 3600)
    await pool.execute("UPDATE session SET expires_at = now() + interval '10 s'")
    found = await sessions.find(b"token")
    assert found is not None
    assert (found.account.id, found.csrf) == (id, "csrf")
    assert (found.expires_at - datetime.now(UTC)).total_seconds() > 3500
    await pool.execute("UPDATE session SET expires_at = now() - interval '1 s'")
    assert await sessions.find(b"token") is None
    await sessions.open(id, b"other", "csrf", "127.0.0.1", 3600)
    assert await pool.fetchval("SELECT count(*) FROM session") == 1, "the ended one is cleared away"
    await sessions.close(b"other")
    assert await sessions.find(b"other") is None


async def test_a_password_somebody_else_sets_ends_the_sessions(pool: "Pool") -> None:
    id, sessions, accounts = await add_agent(pool, 1), SessionRows(pool), AccountRows(pool)
    await sessions.open(id, b"token", "csrf", "127.0.0.1", 3600)
    await accounts.set_password(id, "own choice")
    assert await sessions.find(b"token") is not None
    await accounts.set_password(id, "administrator's", must_change=True)
    assert await sessions.find(b"token") is None


async def test_the_sixth_try_waits_and_other_people_do_not(pool: "Pool") -> None:
    lockouts = LockoutRows(pool)
    for _ in range(FREE_TRIES - 1):
        await lockouts.failed("phone", "1001", "2001", None)
    assert await lockouts.locked_seconds("phone", "1001", "2001") == 0
    await lockouts.failed("phone", "1001", "2001", None)
    assert 50 < await lockouts.locked_seconds("phone", "1001", "9999") <= 60, "the ID, wherever from"
    assert 50 < await lockouts.locked_seconds("phone", "1002", "2001") <= 60, "the terminal, whoever it is"
    assert await lockouts.locked_seconds("phone", "1002", "2002") == 0
    assert await lockouts.locked_seconds("web", "1001", "2001") == 0
    whats = [row["what"] for row in await pool.fetch("SELECT what FROM login_event ORDER BY id")]
    assert whats == ["failed"] * (FREE_TRIES - 1) + ["locked"]
    assert await pool.fetchval("SELECT act FROM audit") == "locked_out"
    assert await verify(pool) is None


async def test_an_office_behind_one_address_is_not_locked_out_by_one_person(pool: "Pool") -> None:
    lockouts = LockoutRows(pool)
    for number in range(FREE_TRIES_FROM_AN_ADDRESS):
        assert await lockouts.locked_seconds("web", f"person{number}", "192.0.2.1") == 0
        await lockouts.failed("web", f"person{number}", "192.0.2.1", None)
    assert await lockouts.locked_seconds("web", "anybody", "192.0.2.1") > 0


async def test_success_and_time_forget(pool: "Pool") -> None:
    id, lockouts = await add_agent(pool, 1), LockoutRows(pool)
    for _ in range(FREE_TRIES):
        await lockouts.failed("web", "Agent1@example.jp", "192.0.2.1", id)
    assert await lockouts.locked_seconds("web", "agent1@EXAMPLE.jp", "192.0.2.9") > 0
    await pool.execute("UPDATE lockout SET last_at = now() - interval '1 h', locked_until = now() - interval '16 min'")
    await lockouts.failed("web", "agent1@example.jp", "192.0.2.1", id)
    assert await lockouts.locked_seconds("web", "agent1@example.jp", "192.0.2.1") == 0
    await lockouts.succeeded("web", "agent1@example.jp", "192.0.2.1", id)
    assert await pool.fetchval("SELECT count(*) FROM lockout WHERE subject LIKE 'id:%'") == 0
    assert await pool.fetchval("SELECT what FROM login_event ORDER BY id DESC LIMIT 1") == "signed_in"


async def test_tries_made_at_once_are_all_counted(pool: "Pool") -> None:
    lockouts = LockoutRows(pool)
    await asyncio.gather(*(lockouts.failed("phone", "1001", "2001", None) for _ in range(20)))
    assert await pool.fetchval("SELECT min(failures) FROM lockout") == 20
    assert await lockouts.locked_seconds("phone", "1001", "2001") > 3000


def test_the_delay_grows_to_an_hour() -> None:
    assert [lock_seconds(failures, 5) for failures in (4, 5, 6, 7, 11, 500)] == [0, 60, 120, 240, 3600, 3600]


async def test_the_audit_trail_tells_when_it_was_touched(pool: "Pool") -> None:
    log = AuditLog(pool)
    await asyncio.gather(
        *(log.note(AgentId(1), "spied", f"call:{n}", {"mode": "listen", "名": "値"}, "x") for n in range(20))
    )
    assert await verify(pool) is None
    with pytest.raises(Exception, match="append-only"):
        await pool.execute("UPDATE audit SET act = 'looked away' WHERE id = 7")
    with pytest.raises(Exception, match="append-only"):
        await pool.execute("DELETE FROM audit")
    with pytest.raises(Exception, match="append-only"):
        await pool.execute("TRUNCATE audit")
    await pool.execute("ALTER TABLE audit DISABLE TRIGGER ALL")
    await pool.execute("""UPDATE audit SET detail = '{"mode": "barge"}' WHERE id = 7""")
    assert await verify(pool) == 7
    await pool.execute("DELETE FROM audit WHERE id = 3")
    assert await verify(pool) == 3
