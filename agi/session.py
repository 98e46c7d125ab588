"""A dialogue's side of one call: typed commands, each with a deadline.

https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/AGI_Commands/
"""

import asyncio
from collections.abc import Callable, Generator
from contextlib import suppress
from math import inf
from types import coroutine
from typing import Final, NoReturn

from msgspec import Struct

from pbx_bridge.core.errors import BridgeError, Rejected, Unreachable

from .protocol import Reply, Request, Verb, command, stream_file_command
from .runner import REPLY, Dialogue, Runner

AT_ONCE_S: Final = 5.0
"""Deadline in seconds for what Asterisk does without the caller."""
PROMPT_S: Final = 60.0
"""The longest prompt there may be."""

DIGITS: Final = "0123456789*#"


class HungUp(BridgeError):
    """The caller has gone, or Asterisk closed the connection: there is nobody left to talk to."""


class Keyed(Struct, frozen=True):
    """What the caller keyed, without the closing `#`; `timed_out` when no `#` came."""

    digits: str
    timed_out: bool


class Session:
    """Raised by every command: `HungUp`; `Rejected` when Asterisk could not (a missing sound, a wrong command);
    `Unreachable` when its deadline passed; `Garbled` for arguments that cannot be written.

    One command at a time, and by the dialogue's own coroutine: AGI has no way to tell two replies apart. Made by the
    server."""

    def __init__(self, request: Request, write: Callable[[bytes], None], loop: asyncio.AbstractEventLoop) -> None:
        self.request = request
        self.hung_up = False
        """Asterisk said HANGUP, or the connection is gone."""
        self._write = write
        self._loop = loop
        self._runner: Runner
        self._within_s = inf
        """What the command of the moment may take; infinite when there is none."""
        self._expires = inf
        self._gone: asyncio.Event | None = None

    def run(self, dialogue: Dialogue) -> Runner:
        """The server starts the dialogue."""
        self._runner = runner = Runner(dialogue, self._loop)
        return runner

    async def answer(self) -> None:
        await self._done("ANSWER")

    async def hang_up(self) -> None:
        await self._done("HANGUP")

    async def stream_file(self, name: str, escape_digits: str = DIGITS, *, within_s: float = PROMPT_S) -> str:
        """Plays a sound (name without its ending); the key that cut it short, or an empty string."""
        reply = await self._ask(stream_file_command(name, escape_digits), within_s)
        if reply.code != 200 or reply.result == "-1":
            await self._fail("STREAM FILE", reply)
        return _key(reply)

    async def get_data(
        self, prompt: str, *, silence_s: float = 5.0, most: int = 32, within_s: float = PROMPT_S
    ) -> Keyed:
        """Plays `prompt` and collects keys until `#`, `most` keys, or `silence_s` without a key."""
        milliseconds = str(round(silence_s * 1000))
        deadline = within_s + silence_s * (most + 1)
        line = command("GET DATA", prompt, milliseconds, str(most))
        reply = await self._ask(line, deadline)
        if reply.code != 200 or reply.result == "-1":
            await self._fail("GET DATA", reply)
        return Keyed(reply.result, reply.value == "timeout")

    async def wait_for_digit(self, seconds: float) -> str:
        """One key, or an empty string after `seconds`."""
        milliseconds = str(round(seconds * 1000))
        return _key(await self._done("WAIT FOR DIGIT", milliseconds, within_s=seconds + AT_ONCE_S))

    async def say_digits(self, digits: str, escape_digits: str = "", *, within_s: float = PROMPT_S) -> str:
        """Digit by digit in the channel's language; the key that cut it short, or an empty string."""
        return _key(await self._done("SAY DIGITS", digits, escape_digits, within_s=within_s))

    async def say_number(self, number: int, escape_digits: str = "", *, within_s: float = PROMPT_S) -> str:
        """As a number in the channel's language; the key that cut it short, or an empty string."""
        return _key(await self._done("SAY NUMBER", str(number), escape_digits, within_s=within_s))

    async def get_variable(self, name: str) -> str | None:
        """A channel variable or function; None when it is not set."""
        reply = await self._done("GET VARIABLE", name)
        return reply.value if reply.result == "1" else None

    async def set_variable(self, name: str, value: str) -> None:
        await self._done("SET VARIABLE", name, value)

    async def verbose(self, text: str, level: int = 3) -> None:
        """Into Asterisk's own log; never anything a caller keyed."""
        await self._done("VERBOSE", text, str(level))

    async def go_to(self, context: str, extension: str, priority: int = 1) -> None:
        """Where the dialplan goes on when the dialogue is over."""
        await self._done("SET CONTEXT", context)
        await self._done("SET EXTENSION", extension)
        await self._done("SET PRIORITY", str(priority))

    async def _done(self, verb: Verb, *arguments: str, within_s: float = AT_ONCE_S) -> Reply:
        reply = await self._ask(command(verb, *arguments), within_s)
        if reply.code != 200 or reply.result == "-1":
            await self._fail(verb, reply)
        return reply

    @coroutine
    def _ask(self, line: bytes, within_s: float) -> Generator[object, Reply, Reply]:
        if self.hung_up:
            raise HungUp("the caller has gone")
        if self._within_s != inf:
            raise Rejected("AGI: a command is still on its way")
        self._within_s = within_s
        self._runner.owed += 1
        try:
            self._write(line)
            return (yield REPLY)
        finally:
            self._within_s = self._expires = inf

    async def _fail(self, verb: Verb, reply: Reply) -> NoReturn:
        # -1 means «failed or hung up», 511 «not on a dead channel»; Asterisk says HANGUP or closes right after.
        if reply.result == "-1" and not self.hung_up:
            self._gone = asyncio.Event()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._gone.wait(), 0.2)
        if self.hung_up or reply.code == 511:
            raise HungUp("the caller has gone")
        raise Rejected(f"AGI {verb}: {reply.code} {reply.text or reply.result}")

    def leave(self) -> None:
        """The server says that Asterisk said HANGUP or is gone. A reply on its way may still come before."""
        self.hung_up = True
        if self._gone is not None:
            self._gone.set()

    def lose(self) -> None:
        """The server says that the connection is gone: no reply will come any more."""
        self.leave()
        if self._within_s != inf:
            self._runner.fail(HungUp("Asterisk closed the connection"))

    def look(self, now: float) -> None:
        """The server looks in every now and then: a command past its deadline fails with `Unreachable`. The deadline
        counts from the first look, for the clock to be read once a look and not once a command."""
        if self._expires == inf:
            self._expires = now + self._within_s
        elif now >= self._expires:
            self._runner.fail(Unreachable("AGI: Asterisk did not answer a command in time", unknown=True))


def _key(reply: Reply) -> str:
    """The pressed key from a result that is its ASCII code, 0 for none."""
    if reply.result == "0":
        return ""
    code = int(reply.result) if reply.result.isdecimal() else 0
    return chr(code) if 0 < code < 128 else ""
