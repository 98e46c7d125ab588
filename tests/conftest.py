"""What tests of several rooms share: one PostgreSQL a run."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pbx_bridge.store.migrate import migrate
from pbx_bridge.store.pool import open_pool
from tests.postgres import Server, running

if TYPE_CHECKING:
    from pbx_bridge.store.pool import Pool


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for the whole run, with a migrated database `template` to copy from."""

    async def prepare() -> None:
        pool = await open_pool(server.dsn("template"), size=1)
        try:
            await migrate(pool)
        finally:
            await pool.close()

    # Not pytest's own directory: that one is closed to the other user PostgreSQL runs as under root.
    with running(Path(tempfile.mkdtemp(prefix="pbx-test-"))) as server:
        server.execute("CREATE DATABASE template")
        asyncio.run(prepare())
        yield server


@pytest.fixture
def dsn(postgres: Server) -> Iterator[str]:
    """A migrated, empty database of the test's own."""
    fresh = postgres.new_database("template")
    yield fresh
    postgres.drop(fresh)


@pytest.fixture
async def pool(dsn: str) -> "AsyncIterator[Pool]":
    """A pool on the test's own database."""
    opened = await open_pool(dsn, size=5)
    yield opened
    await opened.close()
