"""Sign an agent in at a terminal."""

from msgspec import Struct

from pbx_bridge.core.commands import SignIn
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.facts import Source
from pbx_bridge.ports.accounts import Account, TerminalRecord
from pbx_bridge.ports.engine import Engine

from .find_agent import agent_row, signed_in


class SignedIn(Struct, frozen=True):
    account: Account
    moved: bool
    """Another terminal of this agent was released."""


async def sign_in(
    engine: Engine, account: Account, terminal: TerminalRecord, source: Source, *, on_the_line: bool = False
) -> SignedIn:
    """Credentials are already checked; ends available. `on_the_line`: the terminal itself is calling, so it is there,
    even if word of its registration (some milliseconds old, perhaps) has not come yet.

    Raises `Refused`: terminal-not-registered, terminal-in-use, call-in-progress, unknown-agent; `Unreachable`.
    """
    before = agent_row(engine, account.id)
    if not on_the_line:
        _require_reachable(engine, terminal)
    await engine.submit(SignIn(account.id, terminal.id, source))
    return SignedIn(account, moved=signed_in(before) and before.extension != terminal.extension)


def _require_reachable(engine: Engine, terminal: TerminalRecord) -> None:
    # The board says how phones are registered only while Asterisk is linked; else nobody could sign in at all.
    rows = {row.id: row for row in engine.snapshot().terminals}
    row = rows.get(str(terminal.id))
    if row is not None and not row.reachable:
        raise Refused("terminal-not-registered", terminal.extension)
