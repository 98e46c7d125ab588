"""One call center whose centers differ in what they do with callers; four agents, few of them signed in."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from msgspec import structs

from pbx_bridge.core.calendar import Calendar
from pbx_bridge.core.treatment import Treatment, Way
from pbx_bridge.demo.center import CallCenter
from pbx_bridge.demo.world import Place, World, invent
from tests.lab.lab import Lab
from tests.lab.open_center import open_center, open_lab

_HERE = Path(__file__).parent
SHARED, URGENT, SKILLED, SMALL, EMPTY, LATE, CLOSED, MAILBOX, ASKING = (str(7001 + n) for n in range(9))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


def closed_today() -> Calendar:
    """Open all week but on these two days: the test may begin just before midnight."""
    today = datetime.now(ZoneInfo("Asia/Tokyo")).date()
    days = {f"{today + timedelta(days=ahead)}": () for ahead in (0, 1)}
    return Calendar(week={"mon-sun": ("00:00-24:00",)}, holiday=("00:00-24:00",), dates=days)


def open_always() -> Calendar:
    """By the calendar, not for want of one."""
    return Calendar(week={"mon-sun": ("00:00-24:00",)}, holiday=("00:00-24:00",))


def _places() -> list[Place]:
    treatments: dict[str, tuple[Treatment, list[int], int]] = {
        SHARED: (Treatment(calendar=open_always(), position_every=5, overflow_seconds=120), [1], 0),
        URGENT: (Treatment(overflow_seconds=120), [1], 10),
        SKILLED: (Treatment(agent_guidance=True, ring_seconds=4, overflow_seconds=120), [2, 3], 0),
        SMALL: (Treatment(max_calls=1, full=Way("busy"), overflow_seconds=120), [], 0),
        EMPTY: (Treatment(nobody=Way("transfer", "1004"), overflow_seconds=120), [2], 0),
        LATE: (Treatment(greeting=False, overflow_seconds=2, overflow=Way("callback")), [4], 0),
        CLOSED: (Treatment(calendar=closed_today()), [1], 0),
        MAILBOX: (Treatment(calendar=closed_today(), closed=Way("voicemail")), [1], 0),
        ASKING: (Treatment(calendar=closed_today(), closed=Way("transfer", LATE)), [], 0),
    }
    return [
        Place(
            id=number,
            name=f"Center {extension}",
            extension=extension,
            number=f"030000{extension}",
            strategy="leastrecent",
            members=members,
            wrap_up_seconds=1.0,
            priority=priority,
            treatment=treatment,
            skills={3: 5} if extension == SKILLED else {},
        )
        for number, (extension, (treatment, members, priority)) in enumerate(treatments.items(), start=1)
    ]


def _world() -> World:
    world = invent(seed=11)
    people = [person for person in world.people if person.id <= 4 or person.role != "agent"]
    return structs.replace(world, people=people, places=_places(), campaigns=[])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def center() -> AsyncIterator[CallCenter]:
    async with open_center(_world(), 21) as center:
        yield center


@pytest_asyncio.fixture(loop_scope="module")
async def lab(center: CallCenter) -> AsyncIterator[Lab]:
    async with open_lab(center) as lab:
        yield lab
