"""A call job of a campaign, by command line or API."""

from msgspec.structs import replace

from pbx_bridge.core.directory import Rule
from pbx_bridge.core.ids import JobId
from pbx_bridge.ports.campaigns import Campaigns, NewJob

from .import_leads import Unusable, e164

RINGS_AT_LEAST = 15.0
"""Seconds: nobody may be hung up on sooner (16 CFR 310.4(b)(4)(ii))."""
_YEAR_MINUTES = 525_600


class Unlawful(ValueError):
    """Fields with what neither the law nor we allow."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {allowed}" for field, allowed in fields.items()))
        self.fields = fields


async def create_job(campaigns: Campaigns, new: NewJob) -> JobId:
    """Stopped at first; a running service knows it within a moment.

    Raises `Unlawful`; `Refused("not-permitted")` for a name the campaign has already, and what is no campaign or agent;
    `Unreachable`.
    """
    broken = _broken(new.rule)
    try:
        shown = e164(new.caller_number)
    except Unusable as wrong:
        raise Unlawful({**broken, "caller_number": str(wrong)}) from None
    if broken:
        raise Unlawful(broken)
    return await campaigns.create_job(replace(new, caller_number=shown))


def _broken(rule: Rule) -> dict[str, str]:
    bounds = {
        "ring_seconds": (RINGS_AT_LEAST, 120),
        "max_attempts": (1, 100),
        "max_per_number_per_day": (1, 100),
        "calls_per_second": (0.01, 100),
        "max_channels": (1, 1000),
        "drop_cap": (0.0001, 0.03),
        "grace_seconds": (0.1, 2),
        "multiplier": (1, 10),
    }
    broken = {
        f"rule.{name}": f"{low:g} to {high:g}"
        for name, (low, high) in bounds.items()
        if not low <= getattr(rule, name) <= high
    }
    window = rule.window
    if not window.opens < window.closes:
        broken["rule.window"] = "closes before it opens"
    if not window.weekdays or not window.weekdays <= set(range(1, 8)):
        broken["rule.window.weekdays"] = "1 to 7"
    if not all(1 <= minutes <= _YEAR_MINUTES for minutes in rule.retry_minutes.values()):
        broken["rule.retry_minutes"] = f"1 to {_YEAR_MINUTES}"
    return broken
