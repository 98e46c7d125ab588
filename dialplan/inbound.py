"""Calls from outside, by the number that was dialed."""

import re

from pbx_bridge.core.errors import Misconfigured
from pbx_bridge.core.numbering import SHORTEST, Numbering

from . import contexts, dialogue, outside
from .conf import digits
from .provision import InboundNumber, Provision
from .script import context, extension

_FUNCTIONS = {"sign-in": "outside_sign_in", "sign-out": "outside_sign_out"}
_UNALLOCATED = 1  # Q.850 cause
_NUMBERS, _HOME = "pbx-numbers", "pbx-home"

RECORDING_FILE = "${PBX_RECORDINGS}/${FILTER(A-Za-z0-9._\\-,${UNIQUEID})}.raw"
# Interleaved, left what the channel sends, right what it is sent; only while it is bridged; after what the file has.
START_RECORDING = f"MixMonitor({RECORDING_FILE},abD)"
RECORD_TRANSFERRED = f"Gosub({contexts.RECORD},transferred,1)"
"""The first step of every extension that a blind transfer may lead to."""
RECORD_ANEW = f"Gosub({contexts.RECORD},anew,1)"
_FRAME_SECONDS = 0.1
"""For a frame to pass between two recorders: phones send one every 20 ms."""


_ANY = "_[+0-9]!"
_CALLER, _CALLED = "${FILTER(+0-9,${CALLERID(num)})}", "${FILTER(+0-9,${EXTEN})}"


def carrier(provision: Provision) -> str:
    """Numbers the carrier delivers; all others are unallocated. Raises `Misconfigured` for an unknown center.

    First who calls and whom becomes what people dial at home, as `core.numbering` has it."""
    known = {plan.center.extension for plan in provision.centers}
    parts = [_number(number, known) for number in provision.numbers]
    steps = [
        f'GotoIf($["{_CALLER}" = ""]?called)',
        f"Gosub({_HOME},{_CALLER},1)",
        "Set(CALLERID(num)=${GOSUB_RETVAL})",
        f"(called)Gosub({_HOME},{_CALLED},1)",
        f"Goto({_NUMBERS},${{GOSUB_RETVAL}},1)",
    ]
    arrives = context(contexts.FROM_CARRIER, extension(_ANY, steps))
    unknown = extension(_ANY, [f"Hangup({_UNALLOCATED})"])
    return arrives + context(_NUMBERS, *parts, unknown) + _home(checked(provision.numbering))


def _home(numbering: Numbering) -> str:
    """A subroutine by patterns: the most specific one wins, as `Numbering.home` tries them."""
    digits = "X" * SHORTEST
    known = [
        extension(
            f"_{prefix}{digits}!",
            [f"Return({numbering.trunk_prefix}${{FILTER(0-9,${{EXTEN:{len(prefix)}}})}})"],
        )
        for prefix in numbering.abroad()
    ]
    return context(_HOME, *known, extension(_ANY, [f"Return({_CALLED})"]))


def checked(numbering: Numbering) -> Numbering:
    """Raises `Misconfigured` for what no country has."""
    if not re.fullmatch(r"[1-9][0-9]{0,2}", numbering.country_code):
        raise Misconfigured(f"numbering: country_code {numbering.country_code!r}: one to three digits, like 81")
    if not re.fullmatch(r"[0-9]{0,3}", numbering.trunk_prefix):
        raise Misconfigured(
            f"numbering: trunk_prefix {numbering.trunk_prefix!r}: the digits before an area code, like 0"
        )
    for prefix in numbering.international_prefixes:
        if not re.fullmatch(r"[0-9]{1,5}", prefix):
            raise Misconfigured(f"numbering: international prefix {prefix!r}: digits only, like 010")
    return numbering


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
    """Subroutines: record the channel that runs it; record it anew; that only if it is recorded and was transferred
    (`core.recorders` says why)."""
    transferred = "${LEN(${BLINDTRANSFER})} & ${LEN(${MIXMONITOR_FILENAME})}"
    return context(
        contexts.RECORD,
        extension("s", [START_RECORDING, "Return()"]),
        extension("anew", ["StopMixMonitor()", f"Wait({_FRAME_SECONDS})", START_RECORDING, "Return()"]),
        extension("transferred", [f"GotoIf($[{transferred}]?anew,1)", "Return()"]),
    )
