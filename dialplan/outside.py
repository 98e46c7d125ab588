"""Outside numbers that agents may work from: mobiles and phones at home, each rung through the first trunk.

Only who is allowed to call a sign-in number can become a terminal, and only numbers that a desk phone could dial too:
the bridge never makes a number to ring out of what somebody keyed or sent.

Whoever answers there is asked to key 1, because a voice mail answers too. Queue() cannot ask: it takes whoever picks up
for the agent. So it rings a Local channel, which is answered only once Dial()'s subroutine on the called side has been
told 1; then Asterisk takes the Local channel out, and the call is one with two channels like any other.
https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Dialplan_Applications/Dial/
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from pbx_bridge.core.directory import Language
from pbx_bridge.core.errors import Misconfigured

from . import contexts
from .conf import digits
from .provision import InboundNumber, Provision
from .script import context, extension

_SETS = {"X": "[0-9]", "Z": "[1-9]", "N": "[2-9]"}


class Line(Struct, frozen=True):
    """A number as a sign-in terminal, and the language it is spoken to in."""

    number: str
    language: Language


def lines(provision: Provision) -> Iterator[Line]:
    """Each number once. Raises `Misconfigured` for one that may not be dialed, or without a trunk."""
    seen: set[str] = set()
    for number in provision.numbers:
        for caller in number.callers if number.function == "sign-in" else ():
            if caller not in seen:
                seen.add(caller)
                yield Line(_dialable(digits(caller, "allowed caller"), provision), number.language)


def callers(number: InboundNumber) -> tuple[str, ...]:
    """Who may call a sign-in or sign-out number. Raises `Misconfigured` when it is open to everybody."""
    if not number.callers:
        raise Misconfigured(f"number {number.number} is for {number.function}: name in `callers` who may call it")
    return tuple(digits(caller, "allowed caller") for caller in number.callers)


ASK = "pbx-ask"
"""A subroutine on the channel of whoever answered: keyed 1, GOSUB_RESULT is empty."""
_RING_SECONDS = 60
"""app_queue's own time ends before."""
_TIMES = 2
_KEY_SECONDS = 3


def render(provision: Provision) -> str:
    """How outside numbers are rung; empty without any. Raises `Misconfigured`."""
    steps = {line.number: _ring(contexts.outside_endpoint(line.number)) for line in lines(provision)}
    if not steps:
        return ""
    ring = context(contexts.ASK_FIRST, *(extension(number, each) for number, each in steps.items()))
    return ring + _ask() + _line()


def _ring(endpoint: str) -> list[str]:
    # t: the agent may transfer by key, as from Queue() itself.
    dial = f"Dial(PJSIP/{endpoint},{_RING_SECONDS},tU({ASK}))"
    return ["Set(__PBX_WAITS=${CHANNEL})", dial, "Hangup(${HANGUPCAUSE})"]


def _ask() -> str:
    """On the channel that was answered. A result other than an empty one keeps it from the caller, who waits on; so
    does the end of the call. The caller may give up meanwhile, which the agent is told and not left to find out."""
    here = '"${PBX_WAITS}" != "" & ${CHANNEL_EXISTS(${PBX_WAITS})} = 0'
    steps = [
        "Set(GOSUB_RESULT=CONTINUE)",
        "Set(PBX_ASKED=0)",
        f"(ask)GotoIf($[{here}]?gone)",
        f"Read(PBX_KEY,pbx/press-one,1,,1,{_KEY_SECONDS})",
        'GotoIf($["${PBX_KEY}" = "1"]?taken)',
        "Set(PBX_ASKED=$[${PBX_ASKED} + 1])",
        f"GotoIf($[${{PBX_ASKED}} < {_TIMES}]?ask)",
        "Playback(pbx/goodbye)",
        "Return()",
        f"(taken)GotoIf($[{here}]?gone)",
        "Set(GOSUB_RESULT=)",
        "Return()",
        "(gone)Playback(pbx/caller-gone)",
        "Return()",
    ]
    return context(ASK, extension("s", steps))


def _line() -> str:
    steps = [
        "Answer()",
        f"Gosub({ASK},s,1)",
        f'GotoIf($["${{GOSUB_RESULT}}" = ""]?{contexts.LINE},s,1)',
        "Hangup()",
    ]
    return context(contexts.ASKED_LINE, extension("s", steps))


def _dialable(number: str, provision: Provision) -> str:
    if not provision.trunks:
        raise Misconfigured(f"nobody can work from {number}: there is no trunk to ring it through")
    allowed = any(_matches(pattern, number) for pattern in provision.outside)
    if not allowed or any(_matches(pattern, number) for pattern in provision.refused):
        raise Misconfigured(f"nobody can work from {number}: `outside` and `refused` do not let it be dialed")
    return number


def _matches(pattern: str, number: str) -> bool:
    """Whether a number is one of an Asterisk pattern of fixed length."""
    return re.fullmatch("".join(_SETS.get(piece, piece) for piece in pattern), number) is not None
