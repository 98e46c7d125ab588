"""Raise or lower an agent's hand."""

from pbx_bridge.core.commands import RaiseHand
from pbx_bridge.core.ids import AgentId
from pbx_bridge.ports.engine import Engine

from .find_agent import agent_row


async def raise_hand(engine: Engine, agent: AgentId) -> bool:
    """Toggles; whether it is up now. Raises `Refused`: not-signed-in, unknown-agent; `Unreachable`."""
    await engine.submit(RaiseHand(agent))
    return agent_row(engine, agent).hand_since is not None
