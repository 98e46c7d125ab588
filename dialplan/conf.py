"""Asterisk's configuration syntax: sections, values that cannot break out of their line."""

import re
from collections.abc import Iterable

from pbx_bridge.core.errors import Misconfigured

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_WORD = re.compile(r"[A-Za-z0-9_.-]{1,64}")

HEADER = "; Rendered by pbx-bridge: changes here are lost. See asterisk-config/README.md.\n"


def value(text: str) -> str:
    """`text` as a setting's value: a semicolon would start a comment. Raises `Misconfigured` for control characters."""
    if _CONTROL.search(text):
        raise Misconfigured(f"{text!r}: control characters cannot stand in Asterisk's configuration")
    return text.replace(";", "\\;")


def word(text: str, what: str) -> str:
    """`text` if it may name a section or an endpoint. Raises `Misconfigured`."""
    if not _WORD.fullmatch(text):
        raise Misconfigured(f"{what} {text!r}: use letters, digits, '_', '.' and '-', at most 64")
    return text


def digits(text: str, what: str, longest: int = 20) -> str:
    """`text` if it is digits only. Raises `Misconfigured`."""
    if not (text.isascii() and text.isdigit() and len(text) <= longest):
        raise Misconfigured(f"{what} {text!r}: use one to {longest} digits")
    return text


def section(name: str, settings: Iterable[tuple[str, str | int]], suffix: str = "") -> str:
    """`[name](suffix)` and its `key = value` lines."""
    lines = "".join(f"{key} = {value(str(setting))}\n" for key, setting in settings)
    return f"\n[{name}]{f'({suffix})' if suffix else ''}\n{lines}"


def yes(flag: bool) -> str:
    """Asterisk's boolean."""
    return "yes" if flag else "no"
