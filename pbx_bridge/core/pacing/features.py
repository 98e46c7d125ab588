"""What is known of a lead before it is dialed, as numbers for the model.

The number of the attempt, the hour, the weekday and the last result are all in: a model without them mistakes the
leads that are left in the afternoon (those who did not answer) for bad ones, and its order turns upside down.
"""

import math
from typing import Literal
from zlib import crc32

import msgspec

LastResult = Literal["none", "busy", "failed", "no_answer", "machine", "answered"]
NumberType = Literal["unknown", "mobile", "fixed", "ip", "toll_free"]

_RESULTS: tuple[LastResult, ...] = ("busy", "failed", "no_answer", "machine", "answered")
_TYPES: tuple[NumberType, ...] = ("mobile", "fixed", "ip", "toll_free")
_AREAS = 8


class LeadFacts(msgspec.Struct, frozen=True):
    """hour: local to the lead, 0 to 24; weekday: Monday is 0; attempt: 1 is the first; age: seconds since the last."""

    hour: float
    weekday: int
    attempt: int
    last_result: LastResult = "none"
    last_result_age: float = 0.0
    number_type: NumberType = "unknown"
    area: str = ""


def encode(facts: LeadFacts) -> tuple[float, ...]:
    """The features, `SIZE` of them: the day's first two harmonics, the weekend, attempts, last result, type, area."""
    turn = 2.0 * math.pi * facts.hour / 24.0
    days = math.log1p(max(0.0, facts.last_result_age) / 86_400.0) if facts.last_result != "none" else 0.0
    area = crc32(facts.area.encode()) % _AREAS if facts.area else -1
    return (
        math.sin(turn),
        math.cos(turn),
        math.sin(2.0 * turn),
        math.cos(2.0 * turn),
        1.0 if facts.weekday >= 5 else 0.0,
        1.0 if facts.weekday == 0 else 0.0,
        math.log2(max(1, min(facts.attempt, 16))),
        *(1.0 if facts.last_result == result else 0.0 for result in _RESULTS),
        days,
        *(1.0 if facts.number_type == kind else 0.0 for kind in _TYPES),
        *(1.0 if area == bucket else 0.0 for bucket in range(_AREAS)),
    )


SIZE = len(encode(LeadFacts(0.0, 0, 1)))
"""Number of features."""
