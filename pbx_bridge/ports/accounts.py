"""Accounts, their secrets and sessions. Secrets are argon2id hashes here; the clear text never reaches a port."""

from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from pbx_bridge.core.directory import Language
from pbx_bridge.core.ids import AgentId, TerminalId

Role = Literal["administrator", "supervisor", "agent"]


class Account(Struct, frozen=True):
    id: AgentId
    login: str
    """E-mail, lower case, unique."""
    name: str
    role: Role
    language: Language
    seat: str
    """座席ID."""
    is_agent: bool
    """May take calls (has a dial-operation ID)."""
    dial_id: str
    extension: str
    """The account's usual terminal, or empty."""
    password_changed_at: datetime
    icon: str = ""
    """Names the bytes of the account's picture; empty without one."""


class Secret(Struct, frozen=True):
    """An account and the hash to prove it by."""

    account: Account
    hash: str


class Session(Struct, frozen=True):
    account: Account
    csrf: str
    expires_at: datetime


class Accounts(Protocol):
    async def by_id(self, id: AgentId) -> Account | None: ...
    async def by_login(self, login: str) -> Secret | None: ...
    async def by_dial_id(self, dial_id: str) -> Secret | None: ...
    async def all(self) -> list[Account]: ...
    async def set_password(self, id: AgentId, hash: str) -> None: ...
    async def set_dial_operation(self, id: AgentId, dial_id: str, hash: str) -> None:
        """Raises `Refused("not-permitted")` when the dial-operation ID is another account's."""

    async def update(self, id: AgentId, *, name: str | None, language: Language | None, seat: str | None) -> None: ...


class Sessions(Protocol):
    async def open(self, account: AgentId, token_hash: bytes, csrf: str, address: str, idle_seconds: float) -> None: ...
    async def find(self, token_hash: bytes) -> Session | None:
        """A living session, its idle time pushed forward; None when unknown or expired."""

    async def close(self, token_hash: bytes) -> None: ...
    async def close_others(self, account: AgentId, token_hash: bytes | None) -> list[bytes]:
        """Every session of the account but this one; their token hashes."""


LoginKind = Literal["web", "phone"]


class Lockouts(Protocol):
    """Wrong tries per ID and per terminal or address: after `limit` in `window` the answer is a time to wait."""

    async def locked_seconds(self, kind: LoginKind, identity: str, origin: str) -> float:
        """0.0 when another try may be checked."""

    async def failed(self, kind: LoginKind, identity: str, origin: str, account: AgentId | None) -> None: ...
    async def succeeded(self, kind: LoginKind, identity: str, origin: str, account: AgentId) -> None: ...


class TerminalRecord(Struct, frozen=True):
    id: TerminalId
    extension: str
    endpoint: str
    language: Language
    outside: bool = False
    """An outside number."""


class Terminals(Protocol):
    async def by_endpoint(self, endpoint: str) -> TerminalRecord | None: ...
    async def by_extension(self, extension: str) -> TerminalRecord | None: ...


class AuditTrail(Protocol):
    async def note(self, actor: AgentId | None, act: str, target: str, detail: dict[str, str], origin: str) -> None: ...
