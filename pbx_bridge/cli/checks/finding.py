"""One thing looked at, and what was seen."""

from typing import Literal

from msgspec import Struct

Verdict = Literal["ok", "warning", "problem"]


class Finding(Struct, frozen=True):
    """`mend` says what to do about it; empty when all is well."""

    place: str
    verdict: Verdict
    seen: str
    mend: str = ""


def ok(place: str, seen: str) -> Finding:
    return Finding(place, "ok", seen)


def warning(place: str, seen: str, mend: str) -> Finding:
    return Finding(place, "warning", seen, mend)


def problem(place: str, seen: str, mend: str) -> Finding:
    return Finding(place, "problem", seen, mend)
