"""営業カレンダー: when a center takes calls, by weekday, national holiday and single day, in the center's own zone.

Hours are half-open spans of one day, `"09:00-18:00"`; `24:00` ends a day, and a shift over midnight is two spans.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import jpholiday
from msgspec import Struct

from .errors import Misconfigured

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))")


class Span(Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """Minutes after midnight: `opens` belongs to it, `closes` does not."""

    opens: int
    closes: int


Hours = tuple[Span, ...]
"""Of one day, in order; none: closed."""


class Calendar(Struct, frozen=True, forbid_unknown_fields=True):
    """A single day's hours come before a national holiday's, those before the weekday's."""

    zone: str = "Asia/Tokyo"
    week: Mapping[str, tuple[str, ...]] = {}
    """`{"mon-fri" = ["09:00-18:00"], sat = []}`; a day that is not named is closed."""
    holiday: tuple[str, ...] | None = None
    """Hours on Japan's national holidays, substitute ones included; left out: as on any other day of the week."""
    dates: Mapping[str, tuple[str, ...]] = {}
    """`{"2026-12-30" = ["09:00-12:00"]}`."""


def check(calendar: Calendar) -> None:
    """Raises `Misconfigured`: what is wrong, and how it is written."""
    try:
        ZoneInfo(calendar.zone)
    except (ValueError, OSError, KeyError):
        raise Misconfigured(f"zone {calendar.zone!r} is unknown: name one like Asia/Tokyo") from None
    week(calendar)
    holiday(calendar)
    dates(calendar)


def week(calendar: Calendar) -> tuple[Hours, ...]:
    """Monday to Sunday. Raises `Misconfigured`."""
    found: dict[str, Hours] = {}
    for key, texts in calendar.week.items():
        for day in _days(key):
            if day in found:
                raise Misconfigured(f"{day} is there twice: name each weekday once")
            found[day] = _hours(texts, key)
    return tuple(found.get(day, ()) for day in WEEKDAYS)


def holiday(calendar: Calendar) -> Hours | None:
    """Hours on national holidays; None: they are days like others. Raises `Misconfigured`."""
    return None if calendar.holiday is None else _hours(calendar.holiday, "holiday")


def dates(calendar: Calendar) -> dict[date, Hours]:
    """Days with hours of their own. Raises `Misconfigured`."""
    return {_date(key): _hours(texts, key) for key, texts in calendar.dates.items()}


def hours_on(calendar: Calendar, day: date) -> Hours:
    """When the center is open that day."""
    single = dates(calendar).get(day)
    if single is not None:
        return single
    holidays = holiday(calendar)
    if holidays is not None and jpholiday.is_holiday(day):
        return holidays
    return week(calendar)[day.weekday()]


def is_open(calendar: Calendar, now: float) -> bool:
    """Whether calls are taken at `now` (epoch seconds)."""
    local = datetime.fromtimestamp(now, ZoneInfo(calendar.zone))
    minute = local.hour * 60 + local.minute
    return any(span.opens <= minute < span.closes for span in hours_on(calendar, local.date()))


@lru_cache(maxsize=64)
def national_holidays(year: int) -> tuple[tuple[date, str], ...]:
    """Japan's, by law: substitute holidays (振替休日) and days between two of them (国民の休日) included."""
    return tuple((day, name) for day, name in jpholiday.year_holidays(year))


def _days(key: str) -> Iterator[str]:
    first, dash, last = key.partition("-")
    ends = (first, last) if dash else (first, first)
    if not all(end in WEEKDAYS for end in ends) or WEEKDAYS.index(ends[0]) > WEEKDAYS.index(ends[1]):
        raise Misconfigured(f"{key!r} is no weekday: use {', '.join(WEEKDAYS)}, or a stretch of them like mon-fri")
    yield from WEEKDAYS[WEEKDAYS.index(ends[0]) : WEEKDAYS.index(ends[1]) + 1]


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Misconfigured(f"{text!r} is no day: write it like 2026-12-30") from None


def _hours(texts: Iterable[str], where: str) -> Hours:
    spans = sorted(_span(text, where) for text in texts)
    for earlier, later in pairwise(spans):
        if later.opens < earlier.closes:
            raise Misconfigured(f"{where}: two spans overlap: let one end before the other begins")
    return tuple(spans)


def _span(text: str, where: str) -> Span:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise Misconfigured(f"{where}: {text!r} is no span of a day: write 09:00-18:00, 24:00 being its end")
    hour, minute, *end = (int(part) for part in match.groups() if part is not None)
    span = Span(hour * 60 + minute, end[0] * 60 + end[1])
    if span.closes <= span.opens:
        raise Misconfigured(f"{where}: {text!r} ends before it begins: over midnight write 22:00-24:00 and 00:00-02:00")
    return span
