"""0014: raises or lowers the hand of the agent signed in here."""

from agi.server import Dialogue
from pbx_bridge.services import raise_hand as service
from pbx_bridge.services.find_agent import agent_id

from .endings import spoken
from .operations import Operations
from .talk import Talk


def raise_hand(operations: Operations) -> Dialogue:
    """Toggles and says which way."""

    async def body(talk: Talk) -> None:
        agent = agent_id(await talk.during(operations.agent(talk.session.request)))
        up = await talk.during(service.raise_hand(operations.engine, agent))
        await talk.say("hand-raised" if up else "hand-lowered")

    return spoken(body)
