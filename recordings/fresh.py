"""Recordings between hang-up and vault: played from the recorder's own file, while it is being compressed.

However many calls end at once, each can be heard right away. Everything here gives the bytes that the vault will give,
so that a player who is in the middle does not notice the change.
"""

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import numpy as np

from pbx_bridge.core.ids import CallId
from pbx_bridge.ports.recordings import Audio, AudioFormat, OpenedAudio, Recordings
from recordings.cut import stretch, wav_bytes, wav_size, write_clip
from recordings.dat import header_of, write_dat
from recordings.encoding import Codes, Encoding
from recordings.library import Opened
from recordings.naming import name_of
from recordings.peaks import peaks
from recordings.sound import Format, Raw, Sound, open_sound
from recordings.vault import read_range, size_of
from recordings.waveform import check_resolution

_T = TypeVar("_T")


Find = Callable[[CallId], Awaitable[tuple[str, datetime] | None]]
"""A finished call's file in the recorder's spool, and when its recording began."""


class FreshLibrary:
    """A `Recordings` of what lies in the directory `spool`; None also once the vault has it."""

    def __init__(self, spool: Path, find: Find) -> None:
        self._spool, self._find = spool, find
        self._flacs: dict[tuple[Path, float, float], asyncio.Task[Opened]] = {}

    async def open(self, call: CallId, format: AudioFormat) -> OpenedAudio | None:
        """See the port."""
        return await self.cut(call, 0.0, float("inf"), format)

    async def cut(self, call: CallId, start: float, end: float, format: AudioFormat) -> OpenedAudio | None:
        """See the port. Raises `Unreadable`, a ValueError, when it would be empty."""
        if format == "wav":
            return await self._found(call, lambda path, name: asyncio.to_thread(_wav, path, name, start, end))
        return await self._found(call, lambda path, name: self._flac(path, name, start, end))

    async def _flac(self, path: Path, name: str, start: float, end: float) -> Opened:
        """Made once for all who ask within a while: a player asks for one range after the other."""
        asked = (path, start, end)
        if asked not in self._flacs:
            self._flacs[asked] = asyncio.create_task(asyncio.to_thread(_flac, path, name, start, end))
            asyncio.get_running_loop().call_later(_FLAC_SECONDS, self._flacs.pop, asked, None)
        return await asyncio.shield(self._flacs[asked])

    async def peaks(self, call: CallId, samples_per_pixel: int) -> bytes | None:
        """See the port. Raises `Unreadable`, a ValueError, for an impossible resolution."""

        def drawn(path: Path, name: str) -> bytes:
            check_resolution(samples_per_pixel)
            out = io.BytesIO()
            with _opened(path) as sound:
                header = header_of(sound, samples_per_pixel, 8, split_channels=True)
                write_dat(out, header, peaks(sound, samples_per_pixel, split_channels=True))
            return out.getvalue()

        return await self._found(call, lambda path, name: asyncio.to_thread(drawn, path, name))

    async def _found(self, call: CallId, work: Callable[[Path, str], Awaitable[_T]]) -> _T | None:
        found = await self._find(call)
        if found is None:
            return None
        file, began = found
        path = self._spool / Path(file).name
        try:
            if path.stat().st_size <= _ONE_FRAME:  # nobody was put through
                return None
            return await work(path, name_of(call, began.date(), "flac"))
        except FileNotFoundError:
            return None


_ONE_FRAME = 4
_FLAC_SECONDS = 30.0
"""A FLAC made of the spool stays in memory so long (an hour: 25 MB); by then the vault has it, as a rule."""


class KeptOrFresh:
    """A `Recordings`: the vault's, else the spool's; asked again where a recording moved meanwhile."""

    def __init__(self, kept: Recordings, fresh: Recordings) -> None:
        self._places = (kept, fresh, kept)

    async def open(self, call: CallId, format: AudioFormat) -> OpenedAudio | None:
        """See the port."""
        return await self._first(lambda place: place.open(call, format))

    async def cut(self, call: CallId, start: float, end: float, format: AudioFormat) -> OpenedAudio | None:
        """See the port."""
        return await self._first(lambda place: place.cut(call, start, end, format))

    async def peaks(self, call: CallId, samples_per_pixel: int) -> bytes | None:
        """See the port."""
        return await self._first(lambda place: place.peaks(call, samples_per_pixel))

    async def _first(self, ask: Callable[[Recordings], Awaitable[_T | None]]) -> _T | None:
        for place in self._places:
            if (found := await ask(place)) is not None:
                return found
        return None


class _Turned:
    """The recorder's stereo with its lanes exchanged: left becomes the agent, as in the vault."""

    def __init__(self, sound: Sound) -> None:
        self._sound = sound
        self.format: Format = sound.format
        self.encoding: Encoding = sound.encoding
        self.rate, self.channels, self.frames, self.repaired = sound.rate, sound.channels, sound.frames, sound.repaired

    def codes(self, first: int = 0, last: int | None = None) -> Iterator[Codes]:
        """See `Sound.codes`."""
        for block in self._sound.codes(first, last):
            yield np.ascontiguousarray(block[:, ::-1])


@contextmanager
def _opened(path: Path) -> Iterator[Sound]:
    with open_sound(path, Raw()) as sound:
        yield _Turned(sound)


def _wav(path: Path, name: str, start: float, end: float) -> Opened:
    with _opened(path) as sound:
        first, last = stretch(sound, start, end)
        size, seconds = wav_size(sound, first, last), (last - first) / sound.rate

    def pieces(begin: int, stop: int) -> Iterator[bytes]:
        with _opened(path) as sound:
            yield from wav_bytes(sound, first, last, begin, stop)

    return Opened(Audio("audio/wav", size, seconds, f"{name}-{first}-{last}-wav"), pieces)


def _flac(path: Path, name: str, start: float, end: float) -> Opened:
    clip = io.BytesIO()
    with _opened(path) as sound:
        first, last = stretch(sound, start, end)
        write_clip(sound, clip, first, last, "flac")
        whole, seconds = last - first == sound.frames, (last - first) / sound.rate
    size = size_of(clip)
    etag = f"{name}-{size}" if whole else f"{name}-{first}-{last}-flac"
    return Opened(Audio("audio/flac", size, seconds, etag), lambda begin, stop: read_range(clip, begin, stop))
