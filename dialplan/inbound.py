"""Calls from outside, by the number that was dialed."""

from pbx_bridge.core.errors import Misconfigured

from . import contexts, dialogue, outside
from .conf import digits
from .provision import InboundNumber, Provision
from .script import context, extension

_FUNCTIONS = {"sign-in": "outside_sign_in", "sign-out": "outside_sign_out"}
_UNALLOCATED = 1  # Q.850 cause

RECORDING_FILE = "${PBX_RECORDINGS}/${FILTER(A-Za-z0-9._\\-,${UNIQUEID})}.raw"
# Interleaved, left what the channel sends, right what it is sent; only while it is bridged; after what the file has.
START_RECORDING = f"MixMonitor({RECORDING_FILE},abD)"


def carrier(provision: Provision) -> str:
    """Numbers the carrier delivers; all others are unallocated. Raises `Misconfigured` for an unknown center."""
    known = {plan.center.extension for plan in provision.centers}
    parts = [_number(number, known) for number in provision.numbers]
    unknown = extension("_[+0-9]!", [f"Hangup({_UNALLOCATED})"])
    return context(contexts.FROM_CARRIER, *parts, unknown)


def _number(number: InboundNumber, centers: set[str]) -> str:
    dialed = digits(number.number, "inbound number")
    if number.function == "center":
        if number.center not in centers:
            raise Misconfigured(f"number {dialed} leads to center {number.center!r}, which does not exist")
        return extension(dialed, [f"Goto({contexts.CENTER},{number.center},1)"])
    # Whoever may not call it at all finds an unallocated number: `exten/callerid` matches the caller too.
    patterns = [f"{dialed}/{caller}" for caller in outside.callers(number)]
    return "".join(dialogue.enter(p, _FUNCTIONS[number.function], language=number.language) for p in patterns)


def record() -> str:
    """A subroutine: record the channel that runs it."""
    return context(contexts.RECORD, extension("s", [START_RECORDING, "Return()"]))
