"""The ports `Accounts` and `Terminals`. Secrets arrive hashed: nothing here ever sees a clear password."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import asyncpg
from msgspec import Struct

from pbx_bridge.core.directory import Language
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.ids import AgentId, TerminalId
from pbx_bridge.ports.accounts import Account, Role, Secret, TerminalRecord

from .pool import Pool, connected
from .records import record
from .statements import statements

if TYPE_CHECKING:
    from asyncpg import Record

SQL = statements("accounts")


class NewAccount(Struct, frozen=True):
    """An account to create; `extension` names an existing terminal or is empty."""

    login: str
    name: str
    role: Role
    password_hash: str
    language: Language = "ja"
    seat: str = ""
    dial_id: str | None = None
    dial_hash: str | None = None
    extension: str = ""
    must_change_password: bool = False


class AccountRows:
    """Accounts that are switched off do not exist here."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def by_id(self, id: AgentId) -> Account | None:
        """None when there is none."""
        row = await self._one("by_id", id)
        return account_of(row) if row else None

    async def by_login(self, login: str) -> Secret | None:
        """With the hash of the web password. Upper case is forgiven."""
        row = await self._one("by_login", login)
        return Secret(account_of(row), row["password_hash"]) if row else None

    async def by_dial_id(self, dial_id: str) -> Secret | None:
        """With the hash of the dial-operation password."""
        row = await self._one("by_dial_id", dial_id)
        return Secret(account_of(row), row["dial_hash"]) if row else None

    async def all(self) -> list[Account]:
        """By login."""
        async with connected(self._pool) as connection:
            return [account_of(row) for row in await connection.fetch(SQL["all"])]

    async def create(self, new: NewAccount) -> AgentId:
        """Raises `Refused("not-permitted")` when the login or dial-operation ID is another's or a rule is broken."""
        changed = datetime.fromtimestamp(0, UTC) if new.must_change_password else datetime.now(UTC)
        async with connected(self._pool) as connection:
            try:
                id: int = await connection.fetchval(
                    SQL["create"],
                    new.login.lower(),
                    new.name,
                    new.role,
                    new.language,
                    new.seat,
                    new.password_hash,
                    changed,
                    new.dial_id,
                    new.dial_hash,
                    new.extension,
                )
            except asyncpg.UniqueViolationError as error:
                raise Refused("not-permitted", error.detail or "that login or dial-operation ID is taken") from None
            except asyncpg.CheckViolationError as error:
                raise Refused("not-permitted", f"not allowed: {error.constraint_name}") from None
        return AgentId(id)

    async def create_first(self, login: str, name: str, hash: str) -> AgentId | None:
        """The first administrator, whose password must be changed; None when there is any account already."""
        async with connected(self._pool) as connection, connection.transaction():
            await connection.execute(SQL["lock"])  # two starting at once
            id: int | None = await connection.fetchval(SQL["create_first"], login, name, hash)
        return None if id is None else AgentId(id)

    async def set_password(self, id: AgentId, hash: str, *, must_change: bool = False) -> None:
        """`must_change`: somebody else chose it, so it is used once, and the account's web sessions end."""
        changed = datetime.fromtimestamp(0, UTC) if must_change else datetime.now(UTC)
        async with connected(self._pool) as connection, connection.transaction():
            if await connection.fetchval(SQL["set_password"], id, hash, changed):
                await connection.execute(SQL["changed"], id, "password")
            if must_change:
                await connection.execute(SQL["close_sessions"], id)

    async def set_dial_operation(self, id: AgentId, dial_id: str, hash: str) -> None:
        """Raises `Refused("not-permitted")` when the dial-operation ID is another account's, or no 3 to 10 digits."""
        async with connected(self._pool) as connection:
            try:
                async with connection.transaction():
                    await connection.execute(SQL["set_dial_operation"], id, dial_id, hash)
                    await connection.execute(SQL["changed"], id, "dial_operation")
            except asyncpg.UniqueViolationError:
                raise Refused("not-permitted", f"dial-operation ID {dial_id} is another account's") from None
            except asyncpg.CheckViolationError:
                raise Refused("not-permitted", "a dial-operation ID has 3 to 10 digits") from None

    async def update(self, id: AgentId, *, name: str | None, language: Language | None, seat: str | None) -> None:
        """None leaves a field as it is."""
        async with connected(self._pool) as connection:
            try:
                await connection.execute(SQL["update"], id, name, language, seat)
            except asyncpg.CheckViolationError as error:
                raise Refused("not-permitted", f"not allowed: {error.constraint_name}") from None

    async def _one(self, statement: str, value: object) -> "Record | None":
        async with connected(self._pool) as connection:
            return await connection.fetchrow(SQL[statement], value)


class TerminalRows:
    """Desk phones and outside numbers."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def by_endpoint(self, endpoint: str) -> TerminalRecord | None:
        """None when no terminal has that PJSIP endpoint."""
        async with connected(self._pool) as connection:
            row = await connection.fetchrow(SQL["terminal_by_endpoint"], endpoint)
        return record(row, TerminalRecord) if row else None

    async def by_extension(self, extension: str) -> TerminalRecord | None:
        """None when no terminal has that extension."""
        async with connected(self._pool) as connection:
            row = await connection.fetchrow(SQL["terminal_by_extension"], extension)
        return record(row, TerminalRecord) if row else None

    async def credentials(self, extension: str) -> tuple[str, str] | None:
        """SIP user and password, to write on a card or into a phone."""
        async with connected(self._pool) as connection:
            row = await connection.fetchrow(SQL["sip_credentials"], extension)
        return (row["sip_user"], row["sip_password"]) if row else None

    async def create(self, extension: str, sip_password: str, language: Language) -> TerminalId | None:
        """A terminal whose endpoint and SIP user are its extension; None when that exists already."""
        async with connected(self._pool) as connection:
            try:
                id: int | None = await connection.fetchval(SQL["create_terminal"], extension, sip_password, language)
            except asyncpg.CheckViolationError:
                raise Refused("not-permitted", "an extension has 2 to 8 digits") from None
        return None if id is None else TerminalId(id)


def account_of(row: "Record") -> Account:
    """A row of `account` with its terminal's extension."""
    return Account(
        id=AgentId(row["id"]),
        login=row["login"],
        name=row["name"],
        role=row["role"],
        language=row["language"],
        seat=row["seat"],
        is_agent=row["dial_id"] is not None,
        dial_id=row["dial_id"] or "",
        extension=row["extension"] or "",
        password_changed_at=row["password_changed_at"],
        icon=row["icon"],
    )
