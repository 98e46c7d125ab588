"""Errors by whose fault they are."""

from typing import Literal

RefusalId = Literal[
    "unknown-agent",
    "unknown-terminal",
    "unknown-job",
    "unknown-call",
    "unknown-status",
    "wrong-credentials",
    "no-input",
    "locked",
    "not-an-agent",
    "not-signed-in",
    "call-in-progress",
    "terminal-in-use",
    "terminal-not-registered",
    "not-assigned",
    "not-on-line",
    "not-permitted",
    "job-not-running",
    "not-recorded",
    "callback-taken",
    "redial-changed",
    "do-not-call",
    "outside-window",
    "dialed-enough",
    "being-dialed",
]
"""Stable ids: the web maps them to problem types, the phone to sentences."""


class BridgeError(Exception):
    """Anything of ours that a caller may want to catch as one."""


class Refused(BridgeError):
    """Our own rule says no. `id` is stable; `detail` is for a person."""

    def __init__(self, id: RefusalId, detail: str = "") -> None:
        super().__init__(f"{id}: {detail}" if detail else id)
        self.id: RefusalId = id
        self.detail = detail


class Rejected(BridgeError):
    """Asterisk answered `Response: Error`; the message is Asterisk's."""


class Unreachable(BridgeError):
    """The other side did not answer. `unknown` is true when it may nevertheless have acted."""

    def __init__(self, detail: str, *, unknown: bool = False) -> None:
        super().__init__(detail)
        self.unknown = unknown


class Garbled(BridgeError):
    """Bytes that are not the protocol they claim to be."""


class Misconfigured(BridgeError):
    """The configuration cannot work; the text says how to mend it."""
