"""An empty installation gets one administrator with a random password, shown once. There is no default password."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Protocol

from msgspec import Struct

from pbx_bridge.core.ids import AgentId

LOGIN = "admin@localhost"


class FirstAccount(Protocol):
    """Where the account is kept."""

    async def create_first(self, login: str, name: str, hash: str) -> AgentId | None:
        """None when there is any account already. The password counts as expired: it must be changed."""


class FirstAdministrator(Struct, frozen=True):
    """To be shown to whoever starts the service, and nowhere else."""

    login: str
    password: str


async def first_administrator(
    accounts: FirstAccount, hash_secret: Callable[[str], Awaitable[str]]
) -> FirstAdministrator | None:
    """Make it if there is no account at all; None otherwise. Two services starting at once make one."""
    password = secrets.token_urlsafe(12)
    made = await accounts.create_first(LOGIN, "Administrator", await hash_secret(password))
    return FirstAdministrator(LOGIN, password) if made is not None else None
