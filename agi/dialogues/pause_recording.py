"""0074: pauses or resumes the recording of the call an agent is in, from the second line of their phone."""

from agi.server import Dialogue
from pbx_bridge.services import pause_recording as service

from .endings import spoken
from .operations import Operations
from .talk import Talk


def pause_recording(operations: Operations) -> Dialogue:
    """Toggles and says which way."""

    async def body(talk: Talk) -> None:
        agent = await talk.during(operations.agent(talk.session.request))
        paused = await talk.during(service.pause_recording(operations.engine, agent, "phone"))
        await talk.say("recording-paused" if paused else "recording-resumed")

    return spoken(body)
