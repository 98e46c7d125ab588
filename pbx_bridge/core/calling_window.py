"""May this lead be called at this instant, and if not, when next? Decided in the lead's own time zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import jpholiday

from .directory import Window

_DAYS_AHEAD = 30


def is_open(window: Window, zone: str, now: float) -> bool:
    """Whether `now` (epoch seconds) lies in the window. The closing minute itself is outside."""
    local = datetime.fromtimestamp(now, ZoneInfo(zone))
    return _is_calling_day(window, local.date()) and window.opens <= local.time() < window.closes


def next_opening(window: Window, zone: str, now: float) -> float:
    """The first instant at or after `now` inside the window, epoch seconds; a month ahead when there is none."""
    if is_open(window, zone, now):
        return now
    here = ZoneInfo(zone)
    today = datetime.fromtimestamp(now, here).date()
    for ahead in range(_DAYS_AHEAD):
        day = today + timedelta(days=ahead)
        opens = datetime.combine(day, window.opens, here).astimezone(UTC).timestamp()
        # is_open is asked again: on the day a clock springs forward the opening hour may not exist
        if opens >= now and _is_calling_day(window, day) and is_open(window, zone, opens):
            return opens
    return now + _DAYS_AHEAD * 86_400.0


def _is_calling_day(window: Window, day: date) -> bool:
    return day.isoweekday() in window.weekdays and (window.holidays or not jpholiday.is_holiday(day))
