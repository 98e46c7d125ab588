"""Calls from outside and calls to a center; both are answered with or without a bridge."""

from pbx_bridge.core.errors import Misconfigured

from . import contexts, dialogue, outside
from .conf import digits
from .provision import CenterPlan, InboundNumber, Provision
from .script import Step, context, extension

_FUNCTIONS = {"sign-in": "outside_sign_in", "sign-out": "outside_sign_out"}
_UNALLOCATED = 1  # Q.850 cause

_FILE = "${PBX_RECORDINGS}/${FILTER(A-Za-z0-9._\\-,${UNIQUEID})}.raw"
# Interleaved, left what the channel sends, right what it is sent; only while it is bridged.
START_RECORDING = f"MixMonitor({_FILE},bD)"


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


def centers(provision: Provision) -> str:
    """Each center's way of a call, and the extensions terminals dial for it."""
    ways = context(contexts.CENTER, *(_center(plan, provision) for plan in provision.centers))
    dial = [extension(plan.center.extension, [f"Goto({contexts.CENTER},${{EXTEN}},1)"]) for plan in provision.centers]
    return ways + context("pbx-dial-centers", *dial)


def _center(plan: CenterPlan, provision: Provision) -> str:
    center = plan.center
    steps: list[Step] = [f"Set(CHANNEL(language)={plan.language})", "Answer()"]
    if center.recording:
        steps.append(START_RECORDING)
    if plan.greeting:
        steps.append("Playback(pbx/center-greeting)")
    wait = str(plan.overflow_seconds) if plan.overflow_seconds else ""
    # i: a phone's own forwarding would take the caller out of the center; t: the agent may transfer by key.
    steps.append(f"Queue({center.queue},it,,,{wait})")
    return extension(center.extension, [*steps, *_overflow(plan, provision)])


def _overflow(plan: CenterPlan, provision: Provision) -> list[Step]:
    """What follows when the queue gave the caller back: it was full or took too long."""
    match plan.overflow:
        case "guidance":
            return ["Playback(pbx/all-busy)", "Hangup()"]
        case "busy":
            return ["Busy(10)"]
        case "transfer":
            if plan.transfer_to in {phone.extension for phone in provision.phones}:
                return [f"Goto(pbx-phones,{plan.transfer_to},1)"]
            if plan.transfer_to in {other.center.extension for other in provision.centers}:
                return [f"Goto({contexts.CENTER},{plan.transfer_to},1)"]
            raise Misconfigured(
                f"center {plan.center.extension} overflows to {plan.transfer_to!r}: name a terminal or a center"
            )
