"""Exports as people meet them: asked for by call ids, followed by id, taken away as one file."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final

from pbx_bridge.core.ids import AgentId, CallId
from pbx_bridge.ports.recording_exports import MAX_EXPORT, Export, Packed
from pbx_bridge.ports.recordings import Audio
from recordings.library import Opened
from recordings.vault import Missing, Vault, read_range, size_of

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH: Final = 20
"""Letters of five bits: an id nobody guesses."""

Ask = Callable[[str, AgentId, Sequence[CallId], str], Awaitable[Export]]
Find = Callable[[str], Awaitable[Export | None]]
Place = Callable[[str], Awaitable[Packed | None]]


class ExportDesk:
    """`pbx_bridge.ports.recording_exports.Exports`: the rows by three of their verbs, the bytes from the vault."""

    def __init__(self, vault: Vault, ask: Ask, find: Find, place: Place) -> None:
        self._vault, self._ask, self._find, self._place = vault, ask, find, place

    async def ask(self, by: AgentId, calls: Sequence[CallId], origin: str) -> Export:
        """See the port. A call named twice is in the archive once."""
        once = list(dict.fromkeys(calls))
        if not 1 <= len(once) <= MAX_EXPORT:
            raise ValueError(f"{len(once)} calls: 1 to {MAX_EXPORT} are possible")
        id = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
        return await self._ask(id, by, once, origin)

    async def find(self, id: str) -> Export | None:
        """See the port."""
        return await self._find(id)

    async def open(self, id: str) -> Opened | None:
        """See the port."""
        place = await self._place(id)
        try:
            return None if place is None else await asyncio.to_thread(self._opened, place)
        except Missing:
            return None

    def _opened(self, place: Packed) -> Opened:
        with self._vault.open(place.path) as file:
            size = size_of(file)

        def pieces(start: int, stop: int) -> Iterator[bytes]:
            with self._vault.open(place.path) as file:
                yield from read_range(file, start, stop)

        return Opened(Audio("application/zip", size, place.seconds, f"{place.path}-{size}"), pieces)
