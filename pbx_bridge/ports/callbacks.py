"""折り返し要: callers a center owes a call, and what became of that."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from pbx_bridge.core.ids import AgentId, CallId, CenterId

from .history import Page

CallbackState = Literal["open", "in_progress", "done", "given_up"]
CallbackReason = Literal["message", "asked", "overflowed", "abandoned"]
"""Strongest first: left a message, asked to be called, was turned away, gave up."""

UNFINISHED: tuple[CallbackState, ...] = ("open", "in_progress")


class Callback(Struct, frozen=True):
    """One customer of one center. `answered_by` is the conversation that closed it by itself."""

    id: str
    center: CenterId
    center_name: str
    number: str
    reason: CallbackReason
    state: CallbackState
    agent: AgentId | None
    agent_name: str | None
    since: datetime
    last_at: datetime
    times: int
    changed_at: datetime
    answered_by: CallId | None
    memo: str
    calls: list[CallId]
    """The missed calls behind it, newest first, twenty at most."""


class CallbackFilter(Struct, frozen=True):
    """None: any."""

    states: Sequence[CallbackState] | None = UNFINISHED
    centers: Sequence[CenterId] | None = None


class CallbackChange(Struct, frozen=True):
    """`memo` None leaves it as it is."""

    state: CallbackState
    agent: AgentId | None
    memo: str | None = None


class Callbacks(Protocol):
    async def page(self, where: CallbackFilter, cursor: str | None, limit: int) -> Page[Callback]:
        """Newest first. Raises `BadCursor`."""

    async def find(self, id: str) -> Callback | None: ...

    async def change(self, seen: Callback, to: CallbackChange) -> bool:
        """False: somebody else changed it meanwhile."""

    async def centers_of(self, agent: AgentId) -> list[CenterId]:
        """The centers whose callbacks are this agent's work."""
