"""The port `Lockouts`: wrong tries, counted per identity and per origin, over restarts and over all bridges."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pbx_bridge.core.ids import AgentId
from pbx_bridge.ports.accounts import LoginKind

from . import audit
from .pool import Pool, connected
from .statements import statements

if TYPE_CHECKING:
    from .pool import Connection

SQL = statements("lockouts")
FREE_TRIES = 5
FREE_TRIES_FROM_AN_ADDRESS = 20
"""An office may share one address; a terminal is one desk."""
WINDOW_SECONDS = 15 * 60.0
FIRST_LOCK_SECONDS, LONGEST_LOCK_SECONDS = 60.0, 3600.0


def lock_seconds(failures: int, free: int) -> float:
    """How long the `failures`-th wrong try in a row locks: not at all, a minute, then twice as long each time."""
    over = failures - free
    return 0.0 if over < 0 else min(FIRST_LOCK_SECONDS * 2.0 ** min(over, 10), LONGEST_LOCK_SECONDS)


def _subjects(kind: LoginKind, identity: str, origin: str, own: bool) -> Mapping[str, int]:
    """Whom a try counts against, and how many are free. At their own terminal an agent is counted apart: whoever tries
    their ID elsewhere cannot keep them from their work."""
    name = f"id:{identity.lower()[:200]}"
    found = {f"{name}@{origin[:200]}" if own else name: FREE_TRIES}
    if origin:
        found[f"from:{origin[:200]}"] = FREE_TRIES if kind == "phone" else FREE_TRIES_FROM_AN_ADDRESS
    return found


class LockoutRows:
    """Each try is also a row of the login history; each lock one of the audit trail."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def locked_seconds(self, kind: LoginKind, identity: str, origin: str) -> float:
        """How long to wait; 0.0 when another try may be checked."""
        async with connected(self._pool) as connection:
            subjects = await _against(connection, kind, identity, origin)
            seconds: float = await connection.fetchval(SQL["locked"], kind, list(subjects))
        return seconds

    async def failed(self, kind: LoginKind, identity: str, origin: str, account: AgentId | None) -> None:
        """One wrong try. Tries made at once are counted one after the other."""
        async with connected(self._pool) as connection, connection.transaction():
            locked = 0.0
            for subject, free in sorted((await _against(connection, kind, identity, origin)).items()):
                locked = max(locked, await self._count(connection, kind, subject, free))
            what = "locked" if locked else "failed"
            await connection.execute(SQL["note"], kind, what, account, identity[:200], origin)
            if locked:
                detail = {"kind": kind, "seconds": f"{locked:g}"}
                now = datetime.now(UTC).timestamp()
                await audit.append(connection, now, account, "locked_out", f"login:{identity[:200]}", origin, detail)

    async def _count(self, connection: "Connection", kind: LoginKind, subject: str, free: int) -> float:
        failures: int = await connection.fetchval(SQL["fail"], kind, subject, WINDOW_SECONDS)
        seconds = lock_seconds(failures, free)
        if seconds:
            await connection.execute(SQL["lock"], kind, subject, seconds)
        return seconds

    async def succeeded(self, kind: LoginKind, identity: str, origin: str, account: AgentId) -> None:
        """The identity's wrong tries are forgotten; the origin's are not: somebody may try many identities from it,
        one of them his own."""
        async with connected(self._pool) as connection, connection.transaction():
            names = [subject for subject in await _against(connection, kind, identity, origin) if subject[:3] == "id:"]
            await connection.execute(SQL["forget"], kind, names)
            await connection.execute(SQL["sweep"])
            if kind == "web":  # a phone's sign-in is a fact of its own
                await connection.execute(SQL["note"], kind, "signed_in", account, identity[:200], origin)


async def _against(connection: "Connection", kind: LoginKind, identity: str, origin: str) -> Mapping[str, int]:
    own: bool = kind == "phone" and await connection.fetchval(SQL["own_terminal"], identity, origin)
    return _subjects(kind, identity, origin, own)
