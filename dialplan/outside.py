"""Outside numbers that agents may work from: mobiles and phones at home, each rung through the first trunk.

Only who is allowed to call a sign-in number can become a terminal, and only numbers that a desk phone could dial too:
the bridge never makes a number to ring out of what somebody keyed or sent.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from pbx_bridge.core.directory import Language
from pbx_bridge.core.errors import Misconfigured

from .conf import digits
from .provision import InboundNumber, Provision

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
