"""One real call center for all scenarios of a run, and phones for each."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from pbx_bridge.core.treatment import Treatment
from pbx_bridge.demo.center import CallCenter
from pbx_bridge.demo.world import World, invent

from .lab import Lab
from .open_center import open_center, open_lab

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Phones, pool and call center live on one event loop, so all scenarios share it."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def _world() -> World:
    """The demo's people, with empty lists and little patience."""
    world = invent(seed=7)
    return msgspec.structs.replace(
        world,
        places=[
            msgspec.structs.replace(
                place,
                treatment=Treatment(overflow_seconds=5 if place.extension == "7003" else 60),
                wrap_up_seconds=1.0,
            )
            for place in world.places
        ],
        campaigns=[msgspec.structs.replace(campaign, leads=[], ring_seconds=15.0) for campaign in world.campaigns],
    )


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def center() -> AsyncIterator[CallCenter]:
    async with open_center(_world(), 11) as center:
        yield center


@pytest_asyncio.fixture(loop_scope="session")
async def lab(center: CallCenter) -> AsyncIterator[Lab]:
    async with open_lab(center) as lab:
        yield lab
