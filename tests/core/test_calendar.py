"""Opening hours: days, holidays and zones, by hand and against Japan's own calendar."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_bridge.core.calendar import Calendar, Span, check, hours_on, is_open, national_holidays
from pbx_bridge.core.errors import Misconfigured

OFFICE = Calendar(
    week={"mon-fri": ("13:00-18:00", "09:00-12:00"), "sat": ("10:00-24:00",)},
    holiday=("10:00-15:00",),
    dates={"2026-12-30": ("09:00-12:00",), "2026-12-31": (), "2026-05-05": ("00:00-24:00",)},
)


def at(text: str, zone: str = "Asia/Tokyo") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-11-27 08:59:59", False),
        ("2026-11-27 09:00:00", True),
        ("2026-11-27 11:59:59.999", True),
        ("2026-11-27 12:00:00", False),
        ("2026-11-27 13:00:00", True),
        ("2026-11-27 18:00:00", False),
        ("2026-11-28 23:59:59", True),  # Saturday until 24:00
        ("2026-11-29 00:00:00", False),  # Sunday is not named
        ("2026-11-23 09:30:00", False),  # 勤労感謝の日, a Monday
        ("2026-11-23 10:00:00", True),
        ("2026-12-30 11:00:00", True),
        ("2026-12-30 13:00:00", False),
        ("2026-12-31 10:00:00", False),
        ("2026-05-05 23:59:00", True),  # a single day comes before a holiday
        ("2026-05-06 09:30:00", False),  # 振替休日: Constitution Day was a Sunday
        ("2026-09-22 16:00:00", False),  # 国民の休日: between two holidays
    ],
)
def test_a_center_is_open_by_day_holiday_and_weekday(moment: str, open_: bool) -> None:
    assert is_open(OFFICE, at(moment)) is open_


def test_without_hours_for_them_holidays_are_days_like_others() -> None:
    plain = Calendar(week={"mon-sun": ("09:00-18:00",)})
    assert is_open(plain, at("2026-01-01 09:30"))


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2024-02-12", "振替"),
        ("2025-05-06", "振替"),
        ("2026-05-06", "振替"),
        ("2026-09-22", "国民の休日"),
        ("2027-03-22", "振替"),
        ("2028-01-10", "成人の日"),
        ("2026-03-20", "春分の日"),
        ("2030-11-04", "振替"),
    ],
)
def test_japans_holidays_are_those_of_the_law(day: str, name: str) -> None:
    """Cabinet Office's list (国民の祝日), and for years to come the law's rules."""
    known = dict(national_holidays(int(day[:4])))
    assert name in known[date.fromisoformat(day)]


def test_another_zone_has_its_own_day_and_summer_time() -> None:
    berlin = Calendar(zone="Europe/Berlin", week={"mon-fri": ("09:00-17:00",)})
    assert is_open(berlin, at("2026-07-01 16:30", "Europe/Berlin"))
    assert is_open(berlin, at("2026-07-01 07:00", "UTC"))
    assert not is_open(berlin, at("2026-12-01 07:00", "UTC"))
    assert not is_open(berlin, at("2026-07-01 17:00", "Europe/Berlin"))


@pytest.mark.parametrize(
    "wrong",
    [
        Calendar(zone="Asia/Edo"),
        Calendar(zone="../etc/passwd"),
        Calendar(week={"mo": ()}),
        Calendar(week={"fri-mon": ()}),
        Calendar(week={"mon-fri": (), "wed": ()}),
        Calendar(week={"mon": ("9:00-18:00",)}),
        Calendar(week={"mon": ("18:00-09:00",)}),
        Calendar(week={"mon": ("09:00-09:00",)}),
        Calendar(week={"mon": ("09:00-24:30",)}),
        Calendar(week={"mon": ("09:00-25:00",)}),
        Calendar(week={"mon": ("09:00-12:00", "11:00-18:00")}),
        Calendar(holiday=("all day",)),
        Calendar(dates={"30.12.2026": ()}),
        Calendar(dates={"2026-02-30": ()}),
    ],
)
def test_hours_that_cannot_be_are_one_line_that_says_how(wrong: Calendar) -> None:
    with pytest.raises(Misconfigured) as refused:
        check(wrong)
    assert "\n" not in str(refused.value)


@given(st.lists(st.tuples(st.integers(0, 1439), st.integers(1, 1440)), max_size=4), st.dates(date(2000, 1, 1)))
def test_any_hours_are_refused_or_kept_in_order(spans: list[tuple[int, int]], day: date) -> None:
    texts = tuple(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in spans)
    try:
        hours = hours_on(Calendar(week={"mon-sun": texts}), day)
    except Misconfigured:
        return
    assert list(hours) == sorted(Span(a, b) for a, b in spans)
