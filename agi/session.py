"""A dialogue's side of one call: typed commands, each with a deadline.

https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/AGI_Commands/
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import suppress
from math import inf
from types import coroutine
from typing import Final, NoReturn, TypeVar

from msgspec import Struct

from pbx_bridge.core.errors import BridgeError, Rejected, Unreachable

from .protocol import Reply, Request, Verb, command, stream_file_command
from .runner import REPLY, Runner

T = TypeVar("T")

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

    def __init__(self, request: Request, write: Callable[[bytes], None], runner: Runner) -> None:
        self.request = request
        self.hung_up = False
        """Asterisk said HANGUP, or the connection is gone."""
        self._write = write
        self._runner = runner
        self._left_s = inf
        """What the command of the moment may still take; infinite when there is none."""
        self._gone: asyncio.Event | None = None

    def answer(self) -> Awaitable[None]:
        return self._ask("ANSWER", command("ANSWER"), AT_ONCE_S, _nothing)

    def hang_up(self) -> Awaitable[None]:
        return self._ask("HANGUP", command("HANGUP"), AT_ONCE_S, _nothing)

    def stream_file(self, name: str, escape_digits: str = DIGITS, within_s: float = PROMPT_S) -> Awaitable[str]:
        """Plays a sound (name without its ending); the key that cut it short, or an empty string."""
        return self._ask("STREAM FILE", stream_file_command(name, escape_digits), within_s, _key)

    def get_data(
        self, prompt: str, *, silence_s: float = 5.0, most: int = 32, within_s: float = PROMPT_S
    ) -> Awaitable[Keyed]:
        """Plays `prompt` and collects keys until `#`, `most` keys, or `silence_s` without a key."""
        line = command("GET DATA", prompt, _milliseconds(silence_s), str(most))
        return self._ask("GET DATA", line, within_s + silence_s * (most + 1), _keyed)

    def wait_for_digit(self, seconds: float) -> Awaitable[str]:
        """One key, or an empty string after `seconds`."""
        line = command("WAIT FOR DIGIT", _milliseconds(seconds))
        return self._ask("WAIT FOR DIGIT", line, seconds + AT_ONCE_S, _key)

    def say_digits(self, digits: str, escape_digits: str = "", *, within_s: float = PROMPT_S) -> Awaitable[str]:
        """Digit by digit in the channel's language; the key that cut it short, or an empty string."""
        return self._ask("SAY DIGITS", command("SAY DIGITS", digits, escape_digits), within_s, _key)

    def say_number(self, number: int, escape_digits: str = "", *, within_s: float = PROMPT_S) -> Awaitable[str]:
        """As a number in the channel's language; the key that cut it short, or an empty string."""
        return self._ask("SAY NUMBER", command("SAY NUMBER", str(number), escape_digits), within_s, _key)

    def get_variable(self, name: str) -> Awaitable[str | None]:
        """A channel variable or function; None when it is not set."""
        return self._ask("GET VARIABLE", command("GET VARIABLE", name), AT_ONCE_S, _variable)

    def set_variable(self, name: str, value: str) -> Awaitable[None]:
        return self._ask("SET VARIABLE", command("SET VARIABLE", name, value), AT_ONCE_S, _nothing)

    def verbose(self, text: str, level: int = 3) -> Awaitable[None]:
        """Into Asterisk's own log; never anything a caller keyed."""
        return self._ask("VERBOSE", command("VERBOSE", text, str(level)), AT_ONCE_S, _nothing)

    async def go_to(self, context: str, extension: str, priority: int = 1) -> None:
        """Where the dialplan goes on when the dialogue is over."""
        await self._ask("SET CONTEXT", command("SET CONTEXT", context), AT_ONCE_S, _nothing)
        await self._ask("SET EXTENSION", command("SET EXTENSION", extension), AT_ONCE_S, _nothing)
        await self._ask("SET PRIORITY", command("SET PRIORITY", str(priority)), AT_ONCE_S, _nothing)

    @coroutine
    def _ask(self, verb: Verb, line: bytes, within_s: float, read: Callable[[Reply], T]) -> Generator[object, Reply, T]:
        if self.hung_up:
            raise HungUp("the caller has gone")
        if self._left_s != inf:
            raise Rejected("AGI: a command is still on its way")
        self._left_s = within_s
        self._runner.owed += 1
        try:
            self._write(line)
            reply = yield REPLY
        finally:
            self._left_s = inf
        if reply.code != 200 or reply.result == "-1":
            yield from self._fail(verb, reply).__await__()
        return read(reply)

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
        if self._left_s != inf:
            self._runner.fail(HungUp("Asterisk closed the connection"))

    def look(self, passed_s: float) -> None:
        """The server looks in every `passed_s` seconds, for no command to read the clock: one past its deadline fails
        with `Unreachable`, by at most a look too early."""
        self._left_s -= passed_s
        if self._left_s <= 0:
            self._runner.fail(Unreachable("AGI: Asterisk did not answer a command in time", unknown=True))


def _nothing(reply: Reply) -> None:
    return None


def _variable(reply: Reply) -> str | None:
    return reply.value if reply.result == "1" else None


def _keyed(reply: Reply) -> Keyed:
    return Keyed(reply.result, reply.value == "timeout")


def _key(reply: Reply) -> str:
    """The pressed key from a result that is its ASCII code, 0 for none."""
    if reply.result == "0":
        return ""
    code = int(reply.result) if reply.result.isdecimal() else 0
    return chr(code) if 0 < code < 128 else ""


def _milliseconds(seconds: float) -> str:
    return str(round(seconds * 1000))
