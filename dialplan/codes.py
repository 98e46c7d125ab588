"""The dial codes of a call center, their presets, and what makes a set of codes impossible."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Literal

import msgspec
from msgspec import Struct

from pbx_bridge.core.errors import Misconfigured
from pbx_bridge.core.misfit import misfit

Preset = Literal["biztel", "freepbx", "wazo"]

DIALOGUES = {
    "sign_in": "sign_in",
    "sign_out": "sign_out",
    "sign_in_extension": "sign_in_extension",
    "change_status": "change_status",
    "raise_hand": "raise_hand",
    "join_job": "join_job",
    "recording_pause": "pause_recording",
}
"""Code (a field of `DialCodes`) → the FastAGI dialogue that serves it."""

_FORM = re.compile(r"[0-9*#]{2,6}")


class DialCodes(Struct, frozen=True, forbid_unknown_fields=True):
    """What is dialed for what. Behind `status` comes the status's digit, behind `listen`, `whisper` and `barge` an
    extension."""

    sign_in: str = "0010"
    sign_out: str = "0011"
    sign_in_extension: str = "0012"
    change_status: str = "0013"
    raise_hand: str = "0014"
    join_job: str = "0015"
    status: str = "002"
    monitor: str = "0070"
    listen: str = "0071"
    whisper: str = "0072"
    barge: str = "0073"
    recording_pause: str = "0074"
    mobile_prefix: str = "8"
    """Before any code: the same from a mobile extension. Empty: none."""


PRESETS: dict[Preset, DialCodes] = {
    "biztel": DialCodes(),
    "freepbx": DialCodes(
        "*40", "*41", "*42", "*43", "*44", "*45", "*46", "*47", "*481", "*482", "*483", "*49", mobile_prefix="8"
    ),
    "wazo": DialCodes(
        "*30", "*31", "*32", "*33", "*34", "*35", "*36", "*37", "*381", "*382", "*383", "*39", mobile_prefix="8"
    ),
}


def from_table(table: Mapping[str, str]) -> DialCodes:
    """Codes from a configuration's table: `preset` names the base (biztel), other keys change single codes.

    Raises `Misconfigured` for an unknown preset or key.
    """
    name = table.get("preset", "biztel")
    base = next((codes for preset, codes in PRESETS.items() if preset == name), None)
    if base is None:
        raise Misconfigured(f"preset {name!r}: choose one of {', '.join(PRESETS)}")
    try:
        changes = {key: code for key, code in table.items() if key != "preset"}
        return msgspec.convert(msgspec.structs.asdict(base) | changes, DialCodes)
    except msgspec.ValidationError as fault:
        raise Misconfigured(f"codes: {misfit(str(fault))}") from fault


def by_function(codes: DialCodes) -> dict[str, str]:
    """Function → code, without the mobile prefix, in the order of the printed card."""
    return {name: code for name, code in msgspec.structs.asdict(codes).items() if name != "mobile_prefix"}


def dialed(codes: DialCodes) -> Iterator[tuple[str, str]]:
    """(function, digits) of everything a phone may dial, with and without the mobile prefix."""
    for name, code in by_function(codes).items():
        yield name, code
        if codes.mobile_prefix:
            yield name, codes.mobile_prefix + code


def check(codes: DialCodes, extensions: Iterable[tuple[str, str]]) -> None:
    """Refuse codes that cannot be told from one another or from an extension.

    `extensions` are (what it is, its digits), e.g. ("terminal 1001", "1001"). Raises `Misconfigured` naming both
    sides and what to change: a number that begins another is never reached, or reached too early by phones that
    dial digit by digit.
    """
    for name, code in by_function(codes).items():
        if not _FORM.fullmatch(code):
            raise Misconfigured(f"dial code {name} = {code!r}: use two to six of the keys 0-9 * #")
    if codes.mobile_prefix and not re.fullmatch(r"[0-9*]{1,2}", codes.mobile_prefix):
        raise Misconfigured(
            f"mobile_prefix = {codes.mobile_prefix!r}: use one or two of the keys 0-9 *, or leave it empty"
        )
    taken = [(f"dial code {name}", digits) for name, digits in dialed(codes)]
    taken += list(extensions)
    _refuse_prefixes(sorted(taken, key=lambda entry: (entry[1], entry[0])))


def _refuse_prefixes(ordered: list[tuple[str, str]]) -> None:
    # Sorted, whatever a number begins follows it directly.
    for (first, short), (second, long) in pairwise(ordered):
        if long == short:
            raise Misconfigured(f"{first} and {second} are both {short}: give one of them another number")
        if long.startswith(short):
            raise Misconfigured(
                f"{first} ({short}) begins {second} ({long}), so the longer one cannot be dialed: change one of them"
            )
