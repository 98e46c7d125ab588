"""0013 (asks for the digit) and 0020–0029 (the digit was dialed): from the sign-in terminal, without a password."""

from agi.server import Dialogue
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.ids import AgentId
from pbx_bridge.services import change_status as service
from pbx_bridge.services.find_agent import agent_id

from .credentials import TRIES
from .durations import duration
from .endings import spoken
from .operations import Operations
from .talk import Talk


def change_status(operations: Operations) -> Dialogue:
    """Asks for the status."""

    async def body(talk: Talk) -> None:
        agent = agent_id(await talk.during(operations.agent(talk.session.request)))
        told: tuple[str, ...] = ()
        for _ in range(TRIES):
            digit = await talk.key(*told, "enter-status")
            if digit:
                try:
                    return await _change(talk, operations, agent, digit)
                except Refused as refusal:
                    if refusal.id != "unknown-status":
                        raise
            told = ("unknown-status",) if digit else ("no-input",)
        await talk.say(*told, "goodbye")
        return None

    return spoken(body)


def set_status(operations: Operations) -> Dialogue:
    """The status is the dialplan's argument."""

    async def body(talk: Talk) -> None:
        agent = agent_id(await talk.during(operations.agent(talk.session.request)))
        await _change(talk, operations, agent, "".join(talk.session.request.arguments[:1]))

    return spoken(body)


async def _change(talk: Talk, operations: Operations, agent: AgentId, digit: str) -> None:
    changed = await talk.during(service.change_status(operations.engine, operations.statuses(), agent, digit, "phone"))
    await talk.say("status-after-call" if changed.after_call else "status-changed", f"status-{changed.digit}")
    if changed.previous is not None and not changed.after_call:
        await talk.say("previous-status", f"status-{changed.previous}", *duration(changed.lasted), "lasted")
