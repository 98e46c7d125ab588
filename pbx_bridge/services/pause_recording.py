"""Pause or resume the recording of the call an agent is in."""

from pbx_bridge.core.board import AgentRow
from pbx_bridge.core.commands import PauseRecording
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.facts import Source
from pbx_bridge.core.ids import CallId
from pbx_bridge.ports.engine import Engine

from .find_agent import agent_id


async def pause_recording(engine: Engine, agent: AgentRow, source: Source, *, pause: bool | None = None) -> bool:
    """`pause` None toggles; whether it is paused now. It resumes by itself after the directory's set time.

    Raises `Refused`: unknown-call (none is up), not-recorded; `Unreachable`.
    """
    if agent.condition not in ("talking", "outgoing") or not agent.call:
        raise Refused("unknown-call", agent.login)
    await engine.submit(PauseRecording(CallId(agent.call), source, agent_id(agent), pause))
    return any(call.recording_paused for call in engine.snapshot().calls if call.id == agent.call)
