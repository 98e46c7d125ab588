"""Recordings as listeners meet them: by the call's id only, never by a path."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from pbx_bridge.core.ids import CallId

AudioFormat = Literal["flac", "wav"]


class Audio(Struct, frozen=True):
    """What can be said of a recording before its first byte is sent."""

    media_type: str
    """`audio/flac` or `audio/wav`."""
    size: int
    """Bytes of the whole file."""
    seconds: float
    etag: str
    """Opaque, without quotes; changes when the bytes do."""


class OpenedAudio(Protocol):
    """A file that can be read from anywhere; left is the agent, right the other party."""

    @property
    def audio(self) -> Audio: ...

    def read(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """The bytes `[start, stop)` in blocks of at most 256 KiB."""


class Recordings(Protocol):
    """None everywhere means: no playable recording of this call (yet). Times are seconds from the recording's start."""

    async def open(self, call: CallId, format: AudioFormat) -> OpenedAudio | None: ...

    async def cut(self, call: CallId, start: float, end: float, format: AudioFormat) -> OpenedAudio | None:
        """The clip `[start, end)`, clamped to the recording; an empty clip raises `ValueError`."""

    async def peaks(self, call: CallId, samples_per_pixel: int) -> bytes | None:
        """audiowaveform's `.dat`, version 2, 8 bit, two channels, at exactly this resolution (the web asks for 32 to
        65,536 samples a pixel)."""


class Spooled(Struct, frozen=True):
    """A call is over and its sound lies in the recorder's spool."""

    call: CallId
    path: str
    """Below the spool directory."""
    started_at: datetime
    talked_seconds: float | None


class Kept(Struct, frozen=True):
    """What is to be known of a recording at rest."""

    path: str
    """Below the vault."""
    seconds: float
    rate: int
    channels: int
    bytes: int
    flags: list[str]


class Spool(Protocol):
    """The rows between a call's end and its playable recording."""

    async def waiting(self, limit: int) -> list[Spooled]:
        """The oldest first."""

    async def kept(self, call: CallId, kept: Kept) -> None: ...
    async def failed(self, call: CallId, reason: str) -> None:
        """There is nothing to play and there never will be."""
