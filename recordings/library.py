"""The vault as listeners meet it: `pbx_bridge.ports.Recordings`, by the call's id, blocking work in threads."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TypeVar

from pbx_bridge.core.ids import CallId
from pbx_bridge.ports.recordings import Audio, AudioFormat
from recordings.cut import stretch, wav_bytes, wav_size, write_clip
from recordings.naming import peaks_of
from recordings.sound import open_sound
from recordings.vault import Missing, Vault, read_range, size_of
from recordings.waveform import write_waveform

Find = Callable[[CallId], Awaitable[str | None]]
"""The name below the vault of a call's playable FLAC."""
Pieces = Callable[[int, int], Iterator[bytes]]
_T = TypeVar("_T")


class Opened:
    """An `OpenedAudio`: what is known of the bytes, and how to get at any of them."""

    def __init__(self, audio: Audio, pieces: Pieces) -> None:
        self.audio, self._pieces = audio, pieces

    async def read(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """See the port. A reader who goes away leaves nothing open: the file closes with the iterator."""
        pieces = self._pieces(start, min(stop, self.audio.size))
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            yield piece


class Library:
    """Recordings by call id: `find` knows their names, `vault` has their bytes."""

    def __init__(self, vault: Vault, find: Find) -> None:
        self._vault, self._find = vault, find

    async def open(self, call: CallId, format: AudioFormat) -> Opened | None:
        """The whole recording; as a WAV it is decoded while it is read, at any offset."""
        whole = self._flac if format == "flac" else self._wav
        return await self._with_name(call, whole)

    async def cut(self, call: CallId, start: float, end: float, format: AudioFormat) -> Opened | None:
        """The clip, exact to the sample. Raises `Unreadable`, a ValueError, when it would be empty."""
        if format == "wav":
            return await self._with_name(call, lambda name: self._wav(name, start, end))
        return await self._with_name(call, lambda name: self._flac_clip(name, start, end))

    async def peaks(self, call: CallId, samples_per_pixel: int) -> bytes | None:
        """8-bit `.dat` at this resolution. Raises `Unreadable`, a ValueError, for an impossible one."""

        def drawn(name: str) -> bytes:
            out, finest = io.BytesIO(), peaks_of(name)
            stored = (lambda: self._vault.open(finest)) if self._vault.exists(finest) else None
            write_waveform(out, samples_per_pixel, 8, stored, lambda: self._vault.open(name))
            return out.getvalue()

        return await self._with_name(call, drawn)

    async def _with_name(self, call: CallId, work: Callable[[str], _T]) -> _T | None:
        name = await self._find(call)
        try:
            return None if name is None else await asyncio.to_thread(work, name)
        except Missing:
            return None

    def _flac(self, name: str) -> Opened:
        with self._vault.open(name) as file, open_sound(file) as sound:
            seconds = sound.frames / sound.rate
            size = size_of(file)

        def pieces(start: int, stop: int) -> Iterator[bytes]:
            with self._vault.open(name) as file:
                yield from read_range(file, start, stop)

        return Opened(Audio("audio/flac", size, seconds, f"{name}-{size}"), pieces)

    def _wav(self, name: str, start: float = 0.0, end: float = float("inf")) -> Opened:
        with self._vault.open(name) as file, open_sound(file) as sound:
            first, last = stretch(sound, start, end)
            size, seconds = wav_size(sound, first, last), (last - first) / sound.rate

        def pieces(start: int, stop: int) -> Iterator[bytes]:
            with self._vault.open(name) as file, open_sound(file) as sound:
                yield from wav_bytes(sound, first, last, start, stop)

        return Opened(Audio("audio/wav", size, seconds, f"{name}-{first}-{last}-wav"), pieces)

    def _flac_clip(self, name: str, start: float, end: float) -> Opened:
        clip = io.BytesIO()  # half a megabyte a minute, and no plain copy on the disk
        with self._vault.open(name) as file, open_sound(file) as sound:
            first, last = stretch(sound, start, end)
            write_clip(sound, clip, first, last, "flac")
            seconds = (last - first) / sound.rate
        audio = Audio("audio/flac", size_of(clip), seconds, f"{name}-{first}-{last}-flac")
        return Opened(audio, lambda start, stop: read_range(clip, start, stop))
