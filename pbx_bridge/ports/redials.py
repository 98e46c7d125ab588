"""再発信: promises to call somebody of a campaign again, by an agent or by anyone, at a time."""

from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from pbx_bridge.core.commands import Lead
from pbx_bridge.core.directory import Window
from pbx_bridge.core.ids import AgentId, JobId

RedialState = Literal["open", "done"]


class Redial(Struct, frozen=True):
    """`agent` None: anyone of the campaign's dial groups."""

    id: str
    campaign: str
    lead_name: str
    number: str
    due_at: datetime
    agent: AgentId | None
    agent_name: str | None
    memo: str
    state: RedialState


class RedialChange(Struct, frozen=True):
    """All of what may change, as it shall be."""

    due_at: datetime
    agent: AgentId | None
    memo: str
    state: RedialState


class NewRedial(Struct, frozen=True):
    """What an agent promised in a conversation, by its response record."""

    record: str
    due_at: datetime
    agent: AgentId | None
    memo: str


class Promised(Struct, frozen=True):
    """What the rules ask of a redial before it is dialed, for the job it would be dialed for."""

    job: JobId
    lead: Lead
    window: Window
    max_per_day: int
    forbidden: bool
    """On the do-not-call list, or excluded."""
    resting: bool
    """Abandoned within 72 hours."""
    dialing: bool
    """Somebody is dialing it, or about to."""


class Redials(Protocol):
    async def due(self, agent: AgentId) -> list[Redial]:
        """Open, for today or before: this agent's own, and anybody's of the campaigns this agent works."""

    async def open(self, agent: AgentId | None) -> list[Redial]:
        """Whenever they are due: everybody's, or one agent's own."""

    async def find(self, id: str, agent: AgentId | None = None) -> Redial | None:
        """With `agent`, only what is theirs to see: their own, or anybody's of the campaigns they work."""

    async def promise(self, new: NewRedial, by: AgentId) -> str | None:
        """Its id; None: `by` has no such response record."""

    async def change(self, seen: Redial, to: RedialChange) -> bool:
        """False: it was changed meanwhile."""

    async def promised(self, id: str, agent: AgentId) -> Promised | None:
        """For a job this agent works, where there is one. None: its campaign has no job."""
