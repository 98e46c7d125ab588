"""When a lead may be called: its own zone, its weekdays, holidays, and the days on which clocks change."""

import random
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import jpholiday
import pytest

from pbx_bridge.core.calling_window import is_open, next_opening
from pbx_bridge.core.directory import Window

SEED = 20261122
WINDOW = Window()


def at(text: str, zone: str = "Asia/Tokyo") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(
    ("instant", "allowed"),
    [
        ("2026-11-24T08:59:59", False),
        ("2026-11-24T09:00:00", True),
        ("2026-11-24T19:59:59", True),
        ("2026-11-24T20:00:00", False),
        ("2026-11-23T12:00:00", False),  # Labour Thanksgiving Day
    ],
)
def test_the_hours_in_tokyo(instant: str, allowed: bool) -> None:
    assert is_open(WINDOW, "Asia/Tokyo", at(instant)) is allowed


def test_the_leads_own_zone_decides() -> None:
    noon_in_tokyo = at("2026-11-24T12:00:00")
    assert is_open(WINDOW, "Asia/Tokyo", noon_in_tokyo)
    assert not is_open(WINDOW, "Europe/London", noon_in_tokyo)


def test_an_opening_hour_that_does_not_exist_is_not_called_early() -> None:
    spring = Window(opens=time(2, 30), closes=time(20, 0))  # 02:30 does not exist on 8 March 2026 in New York
    opening = next_opening(spring, "America/New_York", at("2026-03-08T00:30:00", "America/New_York"))
    assert is_open(spring, "America/New_York", opening)


def test_a_window_without_days_never_opens() -> None:
    never = Window(weekdays=frozenset())
    assert next_opening(never, "Asia/Tokyo", 0.0) == 30 * 86_400.0


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York", "Europe/London", "Australia/Lord_Howe"])
def test_sampled_instants_agree_with_the_wall_clock(zone: str) -> None:
    draw = random.Random(SEED)
    print("seed", SEED)
    here = ZoneInfo(zone)
    for _ in range(5_000):
        now = draw.uniform(1.76e9, 1.90e9)
        local = datetime.fromtimestamp(now, UTC).astimezone(here)
        allowed = 9 <= local.hour < 20 and not jpholiday.is_holiday(local.date())
        assert is_open(WINDOW, zone, now) is allowed
        opening = next_opening(WINDOW, zone, now)
        assert opening >= now
        assert is_open(WINDOW, zone, opening)
