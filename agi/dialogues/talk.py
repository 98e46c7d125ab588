"""Asking and telling over an AGI session, so that a caller is never left in silence.

`TIMEOUT(absolute)` is moved before every command: should this process hang, Asterisk takes the call back by itself
seconds later and speaks (dialplan/dialogue.py). Services have a deadline that ends before that.
"""

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Final, TypeVar

from agi.prompts import FOLDER
from agi.sentences import longest_seconds
from agi.session import DIGITS, Session
from pbx_bridge.core.directory import Language
from pbx_bridge.core.errors import Unreachable

T = TypeVar("T")

SERVICE_SECONDS: Final = 2.4
"""A service that has not answered by then is away: the caller hears it within three seconds."""
SILENCE_SECONDS: Final = 6.0
"""How long to wait for the first and for each further key."""
_LOOK_SECONDS: Final = 1.0
_SPARE_SECONDS: Final = 1.0
_LEAST_SPARE_SECONDS: Final = 0.4
_DIGIT_SECONDS: Final = 0.8
_LONGEST_ENTRY: Final = 20


class Talk:
    """One call's conversation. Raises what `Session` raises."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._ours_until = 0.0
        """When Asterisk would take the call back, in the loop's time."""
        self._language: Language = "en" if session.request.language.startswith("en") else "ja"

    async def say(self, *keys: str) -> None:
        """Sentences that keys do not cut short."""
        for key in keys:
            await self._play(key, "")

    async def spell(self, digits: str) -> None:
        """Digit by digit."""
        await self._lives(_DIGIT_SECONDS * len(digits))
        await self.session.say_digits(digits)

    async def entry(self, *sentences: str) -> str:
        """Keys up to `#` after sentences that the first key cuts short; empty when nothing was keyed."""
        first = await self._prompt(*sentences)
        return "" if first == "#" else await self._collect(first)

    async def key(self, *sentences: str) -> str:
        """One key after sentences that it cuts short; empty when none came."""
        return await self._prompt(*sentences) or await self._wait()

    async def during(self, work: Awaitable[T]) -> T:
        """A service's answer. Raises `Unreachable` after `SERVICE_SECONDS`, and what it raises."""
        try:
            await self._lives(SERVICE_SECONDS, 0.4)
            async with asyncio.timeout(SERVICE_SECONDS):
                return await work
        except TimeoutError:
            raise Unreachable(f"no answer within {SERVICE_SECONDS} s", unknown=True) from None
        finally:
            if isinstance(work, Coroutine):
                work.close()  # never begun when the caller has gone; without effect when it is over

    async def _prompt(self, *sentences: str) -> str:
        for sentence in sentences:
            key = await self._play(sentence, DIGITS)
            if key:
                return key
        return ""

    async def _collect(self, keyed: str) -> str:
        while len(keyed) < _LONGEST_ENTRY:
            key = await self._wait()
            if key in ("", "#"):
                break
            keyed += key
        return keyed

    async def _wait(self) -> str:
        # In short pieces: between two of them Asterisk learns that we are still here. But not between any two keys:
        # one that comes while it waits for our next command is gone (run_agi in res/res_agi.c reads the channel and
        # forgets what it read), so the next command comes at once.
        for _ in range(round(SILENCE_SECONDS / _LOOK_SECONDS)):
            spare = self._ours_until - asyncio.get_running_loop().time() - _LOOK_SECONDS
            if not _LEAST_SPARE_SECONDS <= spare <= _SPARE_SECONDS:  # a cut sentence leaves too much
                await self._lives(_LOOK_SECONDS)
            key = await self.session.wait_for_digit(_LOOK_SECONDS)
            if key:
                return key
        return ""

    async def _play(self, key: str, escape: str) -> str:
        await self._lives(longest_seconds(key, self._language))
        return await self.session.stream_file(f"{FOLDER}/{key}", escape)

    async def _lives(self, seconds: float, spare: float = _SPARE_SECONDS) -> None:
        """Asterisk may take the call back when nothing more is heard from us for so long and a little."""
        self._ours_until = asyncio.get_running_loop().time() + seconds + spare
        await self.session.set_variable("TIMEOUT(absolute)", f"{seconds + spare:.1f}")
