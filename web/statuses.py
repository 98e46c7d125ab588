"""Somebody's status is changed from the web: by themselves or by a supervisor."""

from pbx_bridge.core.board import AgentRow
from pbx_bridge.core.commands import ChangeStatus, SignIn, SignOut
from pbx_bridge.core.directory import AVAILABLE, LOGGED_OFF
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.facts import Source
from pbx_bridge.core.ids import AgentId, TerminalId
from pbx_bridge.ports.accounts import Account

from .context import Visit


def row_of(visit: Visit, agent: AgentId) -> AgentRow | None:
    """The agent on the live board; None for accounts that take no calls."""
    wanted = str(agent)
    return next((row for row in visit.ports.engine.snapshot().agents if row.id == wanted), None)


async def change(visit: Visit, agent: AgentId, status: str, source: Source) -> None:
    """Raises Refused as the switchboard does. Logged off is signing out; anything else from logged off is signing in
    at the account's usual terminal first."""
    if status not in {known.key for known in visit.settings.statuses}:
        raise Refused("unknown-status", status)
    row = row_of(visit, agent)
    if row is None:
        raise Refused("not-an-agent" if agent == visit.account.id else "unknown-agent")
    if status == LOGGED_OFF:
        await visit.ports.engine.submit(SignOut(agent, source))
        return
    if row.condition == "logged_off":
        await _sign_in(visit, agent, source)
        if status == AVAILABLE:
            return
    await visit.ports.engine.submit(ChangeStatus(agent, status, source))


async def _sign_in(visit: Visit, agent: AgentId, source: Source) -> None:
    account: Account | None = visit.account if visit.account.id == agent else await visit.ports.accounts.by_id(agent)
    extension = account.extension if account else ""
    terminals = visit.ports.engine.snapshot().terminals
    terminal = next((row for row in terminals if extension and row.extension == extension), None)
    if terminal is None:
        raise Refused("not-signed-in", "No usual terminal: sign in at a phone.")
    if not terminal.reachable:
        raise Refused("terminal-not-registered", extension)
    await visit.ports.engine.submit(SignIn(agent, TerminalId(int(terminal.id)), source))
