"""Change an agent's status by the digit of the telephone."""

from collections.abc import Iterable

from msgspec import Struct

from pbx_bridge.core.commands import ChangeStatus
from pbx_bridge.core.directory import Status
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.facts import Source
from pbx_bridge.core.ids import AgentId
from pbx_bridge.ports.engine import Engine

from .find_agent import agent_row


class StatusChanged(Struct, frozen=True):
    digit: int
    after_call: bool
    """A call is up: it takes effect at hang-up."""
    previous: int | None
    """The digit of the status before, None when it was the same or has none."""
    lasted: float
    """Seconds the status before had lasted."""


async def change_status(
    engine: Engine, statuses: Iterable[Status], agent: AgentId, digit: str, source: Source
) -> StatusChanged:
    """Raises `Refused`: unknown-status, not-signed-in, unknown-agent; `Unreachable`."""
    known = tuple(statuses)
    wanted = next((status for status in known if str(status.digit) == digit), None)
    if wanted is None:
        raise Refused("unknown-status", digit)
    board = engine.snapshot()
    before = agent_row(engine, agent)
    await engine.submit(ChangeStatus(agent, wanted.key, source))
    previous = next((s.digit for s in known if s.key == before.status and s.key != wanted.key), None)
    after_call = agent_row(engine, agent).pending != ""
    return StatusChanged(wanted.digit, after_call, previous, max(0.0, board.at - before.since))
