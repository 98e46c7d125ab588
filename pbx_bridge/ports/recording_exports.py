"""Archives of many recordings, asked for by people and made in the background."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, Protocol

from msgspec import Struct

from pbx_bridge.core.ids import AgentId, CallId

from .recordings import OpenedAudio

MAX_EXPORT: Final = 10_000
"""Recordings in one archive."""

ExportState = Literal["waiting", "ready", "failed", "expired"]


class Export(Struct, frozen=True):
    """An archive of recordings, asked for and made in the background."""

    id: str
    by: AgentId
    asked_at: datetime
    state: ExportState
    calls: int
    done: int
    """Calls dealt with so far."""
    packed: int | None
    """Recordings in the archive; the others were not playable any more, which its manifest says."""
    bytes: int | None
    reason: str
    """Why it failed."""


class Exports(Protocol):
    """A ZIP of FLACs with `manifest.csv` and `manifest.json`: what people ask for and take away."""

    async def ask(self, by: AgentId, calls: Sequence[CallId], origin: str) -> Export:
        """Raises `ValueError` for none, or more than `MAX_EXPORT`. Audited here; taking it away is the caller's."""

    async def find(self, id: str) -> Export | None: ...

    async def open(self, id: str) -> OpenedAudio | None:
        """None: no such export, or not ready (yet, any more)."""


class ExportTask(Struct, frozen=True):
    """The oldest export that waits."""

    id: str
    calls: list[CallId]
    by: str
    """Sign-in name of who asked."""
    asked_at: datetime


class Exportable(Struct, frozen=True):
    """What an archive's manifest says of a call. `path` below the vault, "" when nothing is playable."""

    call: CallId
    path: str
    started_at: datetime
    direction: str
    from_number: str
    to_number: str
    center: str
    agent: str
    seconds: float | None
    talked_seconds: float | None
    flags: list[str]
    sha256: str


class Packed(Struct, frozen=True):
    """A finished archive in the vault."""

    path: str
    bytes: int
    recordings: int
    seconds: float


class ExportRows(Protocol):
    """The rows of exports."""

    async def next(self) -> ExportTask | None: ...
    async def exportable(self, calls: Sequence[CallId]) -> list[Exportable]:
        """In the order asked for; calls that do not exist are left out."""

    async def progressed(self, id: str, done: int, part_bytes: int) -> None:
        """Calls dealt with and bytes of the archive so far, for those who wait for it."""

    async def finished(self, id: str, packed: Packed) -> None: ...
    async def failed(self, id: str, reason: str) -> None: ...
