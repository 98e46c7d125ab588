"""FastAGI without sockets: bytes in, requests and replies out; commands as bytes. Pure.

https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Gateway-Interface-AGI/ and res/res_agi.c, which is the
only full description: parse_args() for quoting, ast_agi_send() for replies.
"""

import re
from functools import lru_cache
from typing import Final, Literal

from msgspec import Struct

from pbx_bridge.core.errors import Garbled

MAX_REQUEST_BYTES: Final = 16 * 1024
MAX_REPLY_BYTES: Final = 64 * 1024
_MAX_COMMAND_BYTES: Final = 2047
"""AGI_BUF_LEN of res_agi.c less its NUL: Asterisk would take the rest of a longer line for another command."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ARGUMENTS = re.compile(r"^agi_arg_\d+:(.*)$", re.MULTILINE)
_ESCAPED = re.compile(r'([\\"])')

Verb = Literal[
    "ANSWER",
    "GET DATA",
    "GET VARIABLE",
    "HANGUP",
    "SAY DIGITS",
    "SAY NUMBER",
    "SET CONTEXT",
    "SET EXTENSION",
    "SET PRIORITY",
    "SET VARIABLE",
    "STREAM FILE",
    "VERBOSE",
    "WAIT FOR DIGIT",
]
"""The commands we speak. Never EXEC, which would open every application of the dialplan to whoever calls."""


class Request:
    """What Asterisk says about the call before the first command. Absent values are empty."""

    def __init__(self, block: bytes) -> None:
        """`block` ends before its closing empty line. `Garbled` when its first line is not AGI's."""
        if block[:4] != b"agi_":
            raise Garbled(f"not an AGI request: {block[:60]!r}")
        self._block = f"\n{block.decode('utf-8', 'replace')}\n"
        self.dialogue, _, self._query = self.header("network_script").partition("?")
        """The path of `agi://host/dialogue?…`."""

    def header(self, name: str) -> str:
        """The value of `agi_name`; of a repeated one the first. Read where it stands: a dialogue asks for few of them,
        and many requests are refused before any is."""
        block, begins = self._block, f"\nagi_{name}:"
        at = block.find(begins)
        if at < 0:
            return ""
        at += len(begins)
        return block[at : block.find("\n", at)].strip()

    @property
    def token(self) -> str:
        """`token` of the address's query (`agi.token`), which needs no percent signs."""
        return f"&{self._query}".partition("&token=")[2].partition("&")[0]

    @property
    def arguments(self) -> tuple[str, ...]:
        """What the dialplan's AGI() passes behind the address."""
        return tuple(value.strip() for value in _ARGUMENTS.findall(self._block))

    @property
    def channel(self) -> str:
        return self.header("channel")

    @property
    def uniqueid(self) -> str:
        return self.header("uniqueid")

    @property
    def language(self) -> str:
        return self.header("language")

    @property
    def extension(self) -> str:
        return self.header("extension")

    @property
    def caller_number(self) -> str:
        number = self.header("callerid")
        return "" if number == "unknown" else number


class Reply(Struct, frozen=True):
    """`200 result=5 (timeout) endpos=80`: code, result, what stands in parentheses, and the rest of the line.

    For other codes `result` is empty and `text` holds Asterisk's words (520: the usage, several lines)."""

    code: int
    result: str
    value: str
    text: str


class HangUp(Struct, frozen=True):
    """The line `HANGUP`: the caller has gone, at any moment."""


HANG_UP: Final = HangUp()
Event = Request | Reply | HangUp


@lru_cache(maxsize=1024)
def stream_file_command(name: str, escape_digits: str) -> bytes:
    """`command`, remembered: the same few prompts are played all day."""
    return command("STREAM FILE", name, escape_digits)


def command(verb: Verb, *arguments: str) -> bytes:
    """One command line. Every argument is quoted and escaped as parse_args() undoes it; `Garbled` for control
    characters (a line feed would be a second command) and for a line Asterisk would cut in two."""
    line = verb + "".join([f' "{_safe(verb, argument)}"' for argument in arguments]) + "\n"
    data = line.encode()
    if len(data) > _MAX_COMMAND_BYTES:
        raise Garbled(f"AGI {verb}: {len(data)} bytes are more than Asterisk reads as one line")
    return data


def _safe(verb: Verb, argument: str) -> str:
    if argument.isalnum():  # most are, and this is the quickest question
        return argument
    found = _CONTROL.search(argument)
    if found is not None:
        raise Garbled(f"AGI {verb}: control character U+{ord(found.group()):04X} in an argument")
    return _ESCAPED.sub(r"\\\1", argument) if "\\" in argument or '"' in argument else argument


def parse_reply(line: str) -> Reply:
    """One reply line (of a 520, all its lines). `Garbled` when it has no code."""
    code, _, text = line.partition(" ")
    if code[:4] == "520-":
        code, text = "520", line[4:]
    if len(code) != 3 or not code.isdecimal():
        raise Garbled(f"not an AGI reply: {line[:60]!r}")
    if not text.startswith("result="):
        return Reply(int(code), "", "", text)
    result, _, rest = text[7:].partition(" ")
    # A value may hold anything, parentheses too: it ends with the line's last one.
    value = rest[1 : rest.rindex(")")] if rest.startswith("(") and ")" in rest else ""
    return Reply(int(code), result, value, rest)


_UNEVENTFUL: Final = (b"200 result=0\n", b"200 result=0 ")
"""How a reply begins that says «nothing keyed, nothing wrong». What a caller keyed is never remembered."""
_MOST_REMEMBERED: Final = 1024
_remembered: dict[bytes, Reply] = {}
"""Chunks that are exactly one such reply: the same few prompts end the same way all day."""
known_reply: Final = _remembered.get
"""The reply that a chunk is, whole and nothing besides, when it was seen before. Good only where a reply begins
(`Conversation.at_rest`); None for anything else, which `Conversation.feed` then takes."""


def _remember(chunk: bytes, events: "list[Event]") -> None:
    if len(chunk) > 64 or len(events) != 1 or len(_remembered) >= _MOST_REMEMBERED:
        return
    if chunk.startswith(_UNEVENTFUL) and chunk.find(b"\n") == len(chunk) - 1 and isinstance(events[0], Reply):
        _remembered[chunk] = events[0]


class Conversation:
    """One connection's worth of bytes: first the request, then replies. Independent of how the bytes are cut."""

    def __init__(self) -> None:
        self._pending = b""
        self._requested = False
        self.at_rest = False
        """A reply begins with the next byte."""

    def feed(self, chunk: bytes) -> list[Event]:
        """What `chunk` completes. Raises `Garbled` once the bytes are not AGI or too many."""
        data = self._pending + chunk if self._pending else chunk
        events: list[Event] = []
        if not self._requested:
            block, end, rest = data.partition(b"\n\n")
            if len(block) > MAX_REQUEST_BYTES:
                raise Garbled(f"an AGI request of more than {MAX_REQUEST_BYTES} bytes")
            if not end:
                self._pending = data
                return events
            events.append(Request(block))
            self._requested, data = True, rest
        self._pending = self._read_replies(data, events) if data else b""
        if len(self._pending) > MAX_REPLY_BYTES:
            raise Garbled(f"an AGI reply of more than {MAX_REPLY_BYTES} bytes")
        if self.at_rest:
            _remember(chunk, events)
        self.at_rest = not self._pending
        return events

    def _read_replies(self, data: bytes, events: list[Event]) -> bytes:
        """Takes whole replies off the front; returns what is not whole yet."""
        while True:
            end = _reply_end(data)
            if end < 0:
                return data
            line = data[:end].decode("utf-8", "replace")
            data = data[end + 1 :]
            if line == "HANGUP":
                events.append(HANG_UP)
            elif line and line[:4] != "100 ":  # «100 Trying»: the reply itself follows
                events.append(parse_reply(line))


def _reply_end(data: bytes) -> int:
    """Where the first reply's closing line feed is, or -1. Two replies have several lines: a 520 with its usage,
    and a variable's value that holds line feeds."""
    end = data.find(b"\n")
    if end < 0:
        return -1
    if data.startswith(b"520-"):
        last = data.find(b"\n520 ")
        return data.find(b"\n", last + 1) if last >= 0 else -1
    if data.startswith(b"200 result=1 (") and data[end - 1 : end] != b")" and b") endpos=" not in data[:end]:
        closed = data.find(b")\n", end)
        return closed + 1 if closed >= 0 else -1
    return end
