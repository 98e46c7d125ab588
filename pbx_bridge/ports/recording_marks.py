"""Marks: notes at moments of a recording."""

from datetime import datetime
from typing import Final, Protocol

from msgspec import Struct

from pbx_bridge.core.ids import AgentId, CallId

MAX_MARKS: Final = 200
"""Of one recording."""
MAX_NOTE: Final = 500
"""Characters."""


class Mark(Struct, frozen=True):
    """`at` in seconds from the recording's beginning; `made_by` is a name."""

    id: str
    at: float
    note: str
    made_by: str
    made_at: datetime


class CannotMark(ValueError):
    """Nothing can be marked there: no playable recording, beyond its end, or there are `MAX_MARKS` already."""


class Marks(Protocol):
    """Each change is audited as `by`'s, from `origin`, in the same transaction."""

    async def of(self, call: CallId) -> list[Mark]:
        """In the order of the sound."""

    async def add(self, call: CallId, at: float, note: str, by: AgentId, origin: str) -> str:
        """The new mark's id. Raises `CannotMark`."""

    async def change(
        self, call: CallId, mark: str, at: float | None, note: str | None, by: AgentId, origin: str
    ) -> bool:
        """None leaves a field as it is. False: there is no such mark of this call. Raises `CannotMark`."""

    async def remove(self, call: CallId, mark: str, by: AgentId, origin: str) -> bool:
        """False: there is no such mark of this call."""
