"""The AMI login as a pure sequence of requests and replies.

MD5 challenge, so that the secret never crosses the wire:
https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/AMI_Actions/Challenge/
"""

from collections.abc import Generator
from hashlib import md5

from msgspec import Struct

from pbx_bridge.core.errors import Rejected

from .encode import Header
from .message import Message

Step = tuple[str, list[Header]]


class Account(Struct, frozen=True):
    """Who we are to Asterisk (a section of manager.conf). `events` is the EventMask asked for: `on`, `off` or a
    list of classes."""

    username: str
    secret: str
    events: str = "on"


def login(account: Account) -> Generator[Step, Message, None]:
    """Yields what to ask, takes the response; ends when logged in, raises `Rejected` with Asterisk's words."""
    challenge = yield "Challenge", [("AuthType", "MD5")]
    nonce = _accepted(challenge, account)["Challenge"]
    # MD5 is what the protocol has; the connection itself is loopback or TLS.
    key = md5((nonce + account.secret).encode(), usedforsecurity=False).hexdigest()
    answer = yield (
        "Login",
        [("AuthType", "MD5"), ("Username", account.username), ("Key", key), ("Events", account.events)],
    )
    _accepted(answer, account)


def _accepted(response: Message, account: Account) -> Message:
    if response.get("Response") != "Success":
        words = response.get("Message", "no reason given")
        raise Rejected(f"Asterisk refused the AMI login of {account.username}: {words}")
    return response
