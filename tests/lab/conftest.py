"""One real call center for all scenarios of a run, and phones for each."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from pbx_bridge.core.treatment import Treatment
from pbx_bridge.demo.center import CallCenter
from pbx_bridge.demo.kept import keep
from pbx_bridge.demo.plan import Plan
from pbx_bridge.demo.world import World, invent
from pbx_bridge.store.pool import open_pool
from tests.addresses import free_port, loopback

from .lab import Lab

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
    """Asterisk, PostgreSQL and the bridge, on addresses and ports of this run's own."""
    with tempfile.TemporaryDirectory(prefix="pbx-lab-", ignore_cleanup_errors=True) as folder:
        data = Path(folder)
        keep(data, _world())
        plan = Plan(
            data,
            sip_address=loopback(11),
            carrier_address=loopback(12),
            phones_address=loopback(13),
            web_port=free_port(),
            ami_port=free_port(),
            agi_port=free_port(),
        )
        async with CallCenter(plan, print) as center:
            yield center


@pytest_asyncio.fixture(loop_scope="session")
async def lab(center: CallCenter) -> AsyncIterator[Lab]:
    """Fresh phones and a fresh carrier; afterwards everybody is signed out and no channel is left."""
    if not center.bridge_runs:
        await center.start_bridge()
    log = center.plan.data / "bridge.log"
    said = log.stat().st_size
    pool = await open_pool(center.dsn, size=2)
    try:
        async with Lab(center, pool) as lab:
            yield lab
    finally:
        await pool.close()
        print(log.read_text()[said:])  # pytest shows it where a scenario failed
