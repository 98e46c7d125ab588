"""manager.conf: the observer hears and reads, the controller acts and hears nothing. Loopback, no command, no config.

Options: configs/samples/manager.conf.sample of Asterisk 22.
"""

from .conf import section, word
from .provision import Ami, AmiAccount

EVENTS = (
    "AttendedTransfer",
    "BlindTransfer",
    "BridgeDestroy",
    "BridgeEnter",
    "BridgeLeave",
    "ContactStatus",
    "DialBegin",
    "DialEnd",
    "FullyBooted",
    "Hangup",
    "Hold",
    "MixMonitorStart",
    "NewCallerid",
    "Newchannel",
    "Newstate",
    "OriginateResponse",
    "QueueCallerJoin",
    "QueueCallerLeave",
    "Rename",
    "Shutdown",
    "Unhold",
    "UserEvent",
)
"""What Asterisk sends of its own accord; everything else stays there. Answers to reads are not filtered."""

# A connection that is slow for 100 ms, the default, is cut in mid-message (reliability fact F6).
_WRITE_TIMEOUT_MS = 5000


def render(ami: Ami) -> str:
    """The file's text. Raises `Misconfigured`."""
    general = section(
        "general",
        [
            ("enabled", "yes"),
            ("webenabled", "no"),
            ("bindaddr", word(ami.address, "AMI address")),
            ("port", ami.port),
            ("authtimeout", 10),
            ("authlimit", 50),
            ("displayconnects", "no"),
            ("timestampevents", "no"),
        ],
    )
    observer = _account(ami.observer, "system,call,agent,user,reporting", "call,reporting")
    controller = _account(ami.controller, "none", "call,agent,originate")
    return general + observer + "".join(_include(name) for name in EVENTS) + controller


def _account(account: AmiAccount, read: str, write: str) -> str:
    return section(
        word(account.username, "AMI user"),
        [
            ("secret", account.secret),
            ("deny", "0.0.0.0/0.0.0.0"),
            ("permit", "127.0.0.0/255.0.0.0"),
            ("read", read),
            ("write", write),
            ("writetimeout", _WRITE_TIMEOUT_MS),
        ],
    )


def _include(event: str) -> str:
    # The advanced filter compares a hash of the name instead of running regular expressions over every event.
    return f"eventfilter(action(include),name({event})) =\n"
