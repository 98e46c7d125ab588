"""What the dialogues can do: services and ports, given by the composition root."""

from collections.abc import Callable, Iterable

from msgspec import Struct

from agi.protocol import Request
from pbx_bridge.core.board import AgentRow
from pbx_bridge.core.directory import Status
from pbx_bridge.core.errors import Refused
from pbx_bridge.ports.accounts import TerminalRecord, Terminals
from pbx_bridge.ports.campaigns import Campaigns
from pbx_bridge.ports.engine import Engine
from pbx_bridge.services.dial_credentials import DialCredentials
from pbx_bridge.services.find_agent import agent_at


class Operations(Struct, frozen=True):
    credentials: DialCredentials
    terminals: Terminals
    engine: Engine
    campaigns: Campaigns
    statuses: Callable[[], Iterable[Status]]
    """The directory's statuses of the moment."""

    async def terminal(self, request: Request) -> TerminalRecord:
        """The terminal a call comes from. Raises `Refused("unknown-terminal")`."""
        found = await self.terminals.by_endpoint(endpoint(request.channel))
        if found is None:
            raise Refused("unknown-terminal", request.channel)
        return found

    async def agent(self, request: Request) -> AgentRow:
        """The agent signed in where a call comes from. Raises `Refused("not-signed-in")`."""
        return agent_at(self.engine, (await self.terminal(request)).extension)


def endpoint(channel: str) -> str:
    """The endpoint of a channel's name: `PJSIP/desk-7-0000002a` → `desk-7`."""
    return channel.partition("/")[2].rpartition("-")[0]
