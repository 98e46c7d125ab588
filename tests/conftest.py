"""What tests of several rooms share: one PostgreSQL a run."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import pytest

from pbx_bridge.store.migrate import migrate
from pbx_bridge.store.pool import open_pool
from tests.postgres import Server, folder

if TYPE_CHECKING:
    from pbx_bridge.store.pool import Pool


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for the whole run."""
    with folder() as root:
        server = Server(root)
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def template(postgres: Server) -> Iterator[str]:
    """The name of a migrated, empty database to copy from."""

    async def prepare() -> None:
        pool = await open_pool(empty, size=1)
        try:
            await migrate(pool)
        finally:
            await pool.close()

    empty = postgres.new_database()
    asyncio.run(prepare())
    yield empty.rpartition("/")[2]
    postgres.drop(empty)


@pytest.fixture
def dsn(postgres: Server, template: str) -> Iterator[str]:
    """A migrated, empty database of the test's own."""
    fresh = postgres.new_database(template)
    yield fresh
    postgres.drop(fresh)


@pytest.fixture
async def pool(dsn: str) -> "AsyncIterator[Pool]":
    """A pool on the test's own database."""
    opened = await open_pool(dsn, size=5)
    yield opened
    await opened.close()
