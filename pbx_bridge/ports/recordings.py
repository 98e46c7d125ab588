"""Recordings as listeners meet them: by the call's id only, never by a path."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from datetime import datetime
from typing import Final, Literal, Protocol

from msgspec import Struct

from pbx_bridge.core.ids import AgentId, CallId

AudioFormat = Literal["flac", "wav"]

SHORT_SECONDS: Final = 1.0
"""A recording may lack this much of the talked time (set-up and rounding) before it is called short."""


class Audio(Struct, frozen=True):
    """What can be said of a recording before its first byte is sent."""

    media_type: str
    """`audio/flac` or `audio/wav`; `application/zip` for an export."""
    size: int
    """Bytes of the whole file."""
    seconds: float
    """Of sound, an export's all together."""
    etag: str
    """Opaque, without quotes; changes when the bytes do."""


class OpenedAudio(Protocol):
    """A file that can be read from anywhere; left is the agent, right the other party."""

    @property
    def audio(self) -> Audio: ...

    def read(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """The bytes `[start, stop)` in blocks of at most 512 KiB."""


class Recordings(Protocol):
    """None everywhere means: no playable recording of this call (yet). Times are seconds from the recording's start."""

    async def open(self, call: CallId, format: AudioFormat) -> OpenedAudio | None: ...

    async def cut(self, call: CallId, start: float, end: float, format: AudioFormat) -> OpenedAudio | None:
        """The clip `[start, end)`, clamped to the recording; an empty clip raises `ValueError`."""

    async def peaks(self, call: CallId, samples_per_pixel: int) -> bytes | None:
        """audiowaveform's `.dat`, version 2, 8 bit, two channels, at exactly this resolution (the web asks for 32 to
        65,536 samples a pixel)."""


class TalkShares(Struct, frozen=True):
    """Shares of a recording's length, 0 to 1, in which the agent, the other party, nobody or both talk: `agent` and
    `other` each contain `overtalk`, and `agent + other - overtalk + silence` is 1."""

    agent: float
    other: float
    silence: float
    overtalk: float


class Gap(Struct, frozen=True):
    """The recorded channel was in no bridge (a transfer rang), and its recorder wrote nothing. Seconds; `at` from the
    first moment of the recording, earlier gaps included."""

    at: float
    seconds: float


class Spooled(Struct, frozen=True):
    """A call is over and its sound lies in the recorder's spool."""

    call: CallId
    path: str
    """Below the spool directory."""
    started_at: datetime
    talked_seconds: float | None
    lost: bool = False
    """Nobody saw the call end: its recorder may still be writing."""
    gaps: tuple[Gap, ...] = ()


class Kept(Struct, frozen=True):
    """What is to be known of a recording at rest. `sha256` is the FLAC's, in hexadecimal."""

    path: str
    """Below the vault."""
    seconds: float
    rate: int
    channels: int
    bytes: int
    flags: list[str]
    sha256: str = ""
    talked_seconds: float | None = None
    """What `seconds` without `gap_seconds` was compared with."""
    talk: TalkShares | None = None
    """None: it has one lane only."""
    gap_seconds: float = 0.0
    """Of silence laid where nothing was recorded."""


class Spool(Protocol):
    """The rows between a call's end and its playable recording."""

    async def waiting(self, limit: int, besides: Collection[CallId] = ()) -> list[Spooled]:
        """The call that ended last comes first: a backlog never delays the call somebody just had."""

    async def kept(self, call: CallId, kept: Kept) -> None: ...
    async def failed(self, call: CallId, reason: str) -> None:
        """There is nothing to play and there never will be."""


class Recorders(Protocol):
    """The recorders that should be writing now."""

    async def living(self, talked: float) -> dict[CallId, str]:
        """Files below the spool of living calls that have been talking for so many seconds."""


class SpoolBooks(Protocol):
    """The rows beside what really lies in the spool."""

    async def close(self) -> int:
        """Recordings of calls that are over, although nobody saw them end, become `spooled`; how many."""

    async def compare(self) -> list[CallId]:
        """Compare sound and talk again where the journal has since corrected the call; those that are short now."""

    async def claimed(self, files: Mapping[str, datetime]) -> dict[str, bool]:
        """Of these files (when each was last written to) those that belong to a recording; True: it is in the vault."""

    async def adopt(self, file: str, written_at: datetime) -> CallId | None:
        """Put a file nobody claims under its call, found by the uniqueid in its name. None: there is no such call."""


class Holds(Protocol):
    """What keeps a recording beyond its days."""

    async def hold(self, call: CallId, held: bool, by: AgentId, reason: str, origin: str) -> bool:
        """Set or lift the legal hold, with an audit row. False: there is no recording any more."""


class Retention(Holds, Protocol):
    """Recordings and exports that have been kept long enough. A day is 24 hours after the call's end."""

    async def due(self, keep_days: int, limit: int) -> list[CallId]:
        """Not held, older than their center's days, or than `keep_days` where it has none. The oldest first."""

    async def expire(self, call: CallId, delete: Callable[[str], Awaitable[bool]]) -> bool:
        """`delete` what lies under the recording's name, then write down that it is gone, with an audit row. Whoever
        wants to hold it meanwhile waits. False: it is held, or gone, since, or `delete` says it could not."""

    async def exports_due(self, days: int) -> list[str]:
        """Names below the vault of exports finished so long ago."""

    async def export_expired(self, name: str) -> None: ...
