"""0011 and the sign-out number: asks ID and password, unless the terminal is the agent's sign-in terminal."""

from agi.server import Dialogue
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.ids import AgentId
from pbx_bridge.services import sign_out as service
from pbx_bridge.services.find_agent import agent_at, agent_id

from .credentials import ask_credentials
from .endings import spoken
from .operations import Operations
from .talk import Talk


def sign_out(operations: Operations) -> Dialogue:
    """Whoever is signed in here; at a free terminal, whoever proves who they are."""

    async def body(talk: Talk) -> None:
        terminal = await talk.during(operations.terminal(talk.session.request))
        try:
            agent = agent_id(agent_at(operations.engine, terminal.extension))
        except Refused:
            agent = (await ask_credentials(talk, operations, terminal.extension)).id
        await _finish(talk, operations, agent)

    return spoken(body)


def outside_sign_out(operations: Operations) -> Dialogue:
    """From an outside number: always with ID and password."""

    async def body(talk: Talk) -> None:
        origin = talk.session.request.caller_number or "anonymous"
        await _finish(talk, operations, (await ask_credentials(talk, operations, origin)).id)

    return spoken(body)


async def _finish(talk: Talk, operations: Operations, agent: AgentId) -> None:
    done = await talk.during(service.sign_out(operations.engine, agent, "phone"))
    await talk.say("sign-out-after-call" if done.after_call else "signed-out")
