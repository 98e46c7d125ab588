"""What no center may be: each fault is one line that says how to mend it."""

from collections.abc import Iterator

from pbx_bridge.core import calendar
from pbx_bridge.core.errors import Misconfigured
from pbx_bridge.core.treatment import Way, ways

from .conf import value
from .provision import CenterPlan, Provision

STRATEGIES = ("ringall", "leastrecent", "fewestcalls", "random", "rrmemory", "linear", "wrandom", "rrordered")
_LONGEST_DAYS = 36_500
_SECONDS = ("overflow_seconds", "max_calls", "max_waiting", "ring_seconds", "position_every")


def check(provision: Provision) -> None:
    """Raises `Misconfigured` for the first fault found."""
    for plan in provision.centers:
        try:
            _one(plan)
        except Misconfigured as fault:
            raise Misconfigured(f"center {plan.center.extension or plan.center.name!r}: {fault}") from fault
    _twins(provision)
    _numbers(provision)
    _circles(provision)


def _one(plan: CenterPlan) -> None:
    center = plan.center
    if not (len(center.extension) == 4 and center.extension.isdecimal() and center.extension.startswith("7")):
        raise Misconfigured("its extension is one of 7000 to 7999")
    if not 1 <= len(value(center.name).strip()) <= 60:
        raise Misconfigured("its name has 1 to 60 characters")
    if center.strategy not in STRATEGIES:
        raise Misconfigured(f"strategy {center.strategy!r}: choose one of {', '.join(STRATEGIES)}")
    if center.members:
        raise Misconfigured("who works there is set on the center's page: take `members` out")
    if min(center.wrap_up_seconds, *(getattr(plan, name) for name in _SECONDS)) < 0 or plan.ring_seconds == 0:
        raise Misconfigured("seconds and counts are not negative, and ring_seconds is at least 1")
    if center.service_level_seconds <= 0:
        raise Misconfigured("service_level_seconds is more than 0")
    if center.keep_days is not None and not 1 <= center.keep_days <= _LONGEST_DAYS:
        raise Misconfigured(f"keep_days is 1 to {_LONGEST_DAYS}")
    if plan.calendar is not None:
        calendar.check(plan.calendar)
    for why, way in ways(plan):
        _way(way, "overflow" if why == "late" else why)


def _way(way: Way, key: str) -> None:
    value(way.say)
    if (way.then == "transfer") != bool(way.to):
        raise Misconfigured(f'{key}: `to` names whom a transfer goes to, and stands with `then = "transfer"` only')
    if way.say and way.then not in ("guidance", "voicemail", "callback"):
        raise Misconfigured(f"{key}: `say` is for guidance, voicemail and callback; {way.then} says nothing")


def _twins(provision: Provision) -> None:
    for what in ("id", "name", "number"):
        values = [getattr(plan.center, what) for plan in provision.centers if getattr(plan.center, what)]
        twin = next((one for one in values if values.count(one) > 1), None)
        if twin is not None:
            raise Misconfigured(f"two centers have the {what} {twin!r}: give one of them another")


def _numbers(provision: Provision) -> None:
    """A number the bridge takes for the center's must be one that leads there."""
    leads_to = {number.number: number.center for number in provision.numbers if number.function == "center"}
    for plan in provision.centers:
        center = plan.center
        if center.number and leads_to.get(center.number) != center.extension:
            raise Misconfigured(
                f"center {center.extension}: no [[numbers]] entry leads from its number {center.number} to it: add one"
            )


def _circles(provision: Provision) -> None:
    """Centers that send callers to one another could do so for ever, without a pause when both are closed."""
    onward = {plan.center.extension: set(_onward(plan)) for plan in provision.centers}
    for start in onward:
        seen: set[str] = set()
        ahead = set(onward[start])
        while ahead:
            if start in ahead:
                raise Misconfigured(
                    f"center {start}: its callers come back to it in a circle: end one of the transfers"
                )
            seen |= ahead
            ahead = {further for center in ahead for further in onward.get(center, ())} - seen


def _onward(plan: CenterPlan) -> Iterator[str]:
    return (way.to for _, way in ways(plan) if way.then == "transfer")
