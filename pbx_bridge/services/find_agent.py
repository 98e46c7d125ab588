"""Who sits at a terminal, and in what state an agent is: read from the live board, never from the database."""

from pbx_bridge.core.board import AgentRow
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.ids import AgentId
from pbx_bridge.ports.engine import Engine


def agent_at(engine: Engine, extension: str) -> AgentRow:
    """The agent signed in at a terminal. Raises `Refused("not-signed-in")`."""
    rows = engine.snapshot().agents
    found = next((row for row in rows if row.extension == extension and signed_in(row)), None)
    if found is None:
        raise Refused("not-signed-in", extension)
    return found


def agent_row(engine: Engine, agent: AgentId) -> AgentRow:
    """An agent's row. Raises `Refused("unknown-agent")`."""
    found = next((row for row in engine.snapshot().agents if row.id == str(agent)), None)
    if found is None:
        raise Refused("unknown-agent", str(agent))
    return found


def signed_in(row: AgentRow) -> bool:
    """Whether the agent has a sign-in terminal now; a row keeps the last one's extension."""
    return row.condition != "logged_off" and row.extension != ""


def agent_id(row: AgentRow) -> AgentId:
    """The board's ids are opaque strings to browsers; here they are numbers again."""
    return AgentId(int(row.id))
