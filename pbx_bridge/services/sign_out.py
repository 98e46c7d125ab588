"""Sign an agent out."""

from msgspec import Struct

from pbx_bridge.core.commands import SignOut
from pbx_bridge.core.facts import Source
from pbx_bridge.core.ids import AgentId
from pbx_bridge.ports.engine import Engine

from .find_agent import agent_row, signed_in


class SignedOut(Struct, frozen=True):
    after_call: bool
    """A call is up: it takes effect at hang-up."""


async def sign_out(engine: Engine, agent: AgentId, source: Source) -> SignedOut:
    """Raises `Refused`: not-signed-in, unknown-agent; `Unreachable`."""
    await engine.submit(SignOut(agent, source))
    return SignedOut(after_call=signed_in(agent_row(engine, agent)))
