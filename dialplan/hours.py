"""Calendars as dialplan: a day is an extension, so Asterisk itself finds the hours, with or without a bridge.

`pbx-hours-7000` holds the center's single days (`20261230`), its holidays and its weekdays; behind the single days it
includes the national holidays of the coming years, and behind those every other day. Dates and times are computed
with STRFTIME(), as GotoIfTime() knows no years.
https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Dialplan_Functions/STRFTIME/
"""

from datetime import date

from pbx_bridge.core import calendar
from pbx_bridge.core.calendar import Calendar, Hours

from . import contexts
from .provision import CenterPlan, Provision
from .script import Step, context, extension
from .zones import posix

_DAYS = "pbx-days"
_HOLIDAYS = "pbx-holidays"


def enter(plan: CenterPlan) -> Step:
    """The step that asks whether the center is open; it goes on at the label `open` or `closed`."""
    return f"Goto({_name(plan)},now,1)"


def render(provision: Provision) -> str:
    """Every center's calendar. Raises `Misconfigured`."""
    found = [(plan, plan.calendar) for plan in provision.centers if plan.calendar is not None]
    if not found:
        return ""
    weekdays = context(_DAYS, extension("_XXXXXXXX", ["Goto(day${PBX_WEEKDAY},1)"]))
    return "".join(_calendar(plan, own) for plan, own in found) + _holidays(provision) + weekdays


def _name(plan: CenterPlan) -> str:
    return f"pbx-hours-{plan.center.extension}"


def _calendar(plan: CenterPlan, own: Calendar) -> str:
    holiday = calendar.holiday(own)
    parts = [extension("now", _now(posix(own.zone)))]
    parts += [extension(_stamp(day), _day(hours, plan)) for day, hours in sorted(calendar.dates(own).items())]
    if holiday is not None:
        parts.append(extension("holiday", _day(holiday, plan)))
    parts += [extension(f"day{number}", _day(hours, plan)) for number, hours in enumerate(calendar.week(own), start=1)]
    return context(_name(plan), *parts, include=[_DAYS] if holiday is None else [_HOLIDAYS, _DAYS])


def _now(zone: str) -> list[Step]:
    """One instant for all three, lest midnight pass between them. A rule with commas is one argument by its quotes."""
    rule = f'"{zone}"' if "," in zone else zone
    return [
        "Set(PBX_NOW=${EPOCH})",
        f"Set(PBX_TIME=${{STRFTIME(${{PBX_NOW}},{rule},%H%M)}})",
        f"Set(PBX_WEEKDAY=${{STRFTIME(${{PBX_NOW}},{rule},%u)}})",
        f"Goto(${{STRFTIME(${{PBX_NOW}},{rule},%Y%m%d)}},1)",
    ]


def _day(hours: Hours, plan: CenterPlan) -> list[Step]:
    here = f"{contexts.CENTER},{plan.center.extension}"
    spans = [
        f"GotoIf($[${{PBX_TIME}} >= {_clock(span.opens)} & ${{PBX_TIME}} < {_clock(span.closes)}]?{here},open)"
        for span in hours
    ]
    return [*spans, f"Goto({here},closed)"]


def _holidays(provision: Provision) -> str:
    if all(plan.calendar is None or plan.calendar.holiday is None for plan in provision.centers):
        return ""
    first, last = provision.holiday_years
    days = [day for year in range(first, last + 1) for day, _ in calendar.national_holidays(year)]
    return context(_HOLIDAYS, *(extension(_stamp(day), ["Goto(holiday,1)"]) for day in days))


def _stamp(day: date) -> str:
    return f"{day:%Y%m%d}"


def _clock(minute: int) -> int:
    return minute // 60 * 100 + minute % 60
