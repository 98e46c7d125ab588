"""A real call center for tests: a world on paper, running, on addresses and ports of this process's own."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pbx_bridge.demo.center import CallCenter
from pbx_bridge.demo.kept import keep
from pbx_bridge.demo.plan import Plan
from pbx_bridge.demo.world import World
from pbx_bridge.store.pool import open_pool
from tests.addresses import free_port, loopback

from .lab import Lab


@asynccontextmanager
async def open_center(world: World, first_host: int) -> AsyncIterator[CallCenter]:
    """Asterisk, PostgreSQL and the bridge; Asterisk, carrier and phones on three hosts (`tests.addresses`) from
    `first_host` on."""
    with tempfile.TemporaryDirectory(prefix="pbx-lab-", ignore_cleanup_errors=True) as folder:
        data = Path(folder)
        keep(data, world)
        plan = Plan(
            data,
            sip_address=loopback(first_host),
            carrier_address=loopback(first_host + 1),
            phones_address=loopback(first_host + 2),
            web_port=free_port(),
            ami_port=free_port(),
            agi_port=free_port(),
        )
        async with CallCenter(plan, print) as center:
            yield center


@asynccontextmanager
async def open_lab(center: CallCenter) -> AsyncIterator[Lab]:
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
