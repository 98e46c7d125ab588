"""The schema arrives once, whoever brings it, however many at a time."""

import asyncio

import pytest

from pbx_bridge.core.errors import Misconfigured
from pbx_bridge.store.migrate import migrate, migrations, pending
from pbx_bridge.store.pool import open_pool
from tests.postgres import Server


async def test_two_starting_at_once_take_each_step_once(postgres: Server) -> None:
    dsn = await asyncio.to_thread(postgres.new_database)
    first, second = await open_pool(dsn), await open_pool(dsn)
    try:
        taken = await asyncio.gather(migrate(first), migrate(second))
        assert sorted(len(steps) for steps in taken) == [0, len(migrations())]
        assert await pending(first) == []
    finally:
        await first.close()
        await second.close()
        await asyncio.to_thread(postgres.drop, dsn)


async def test_a_step_edited_afterwards_is_refused(dsn: str) -> None:
    pool = await open_pool(dsn)
    try:
        await pool.execute("UPDATE schema_migration SET checksum = 'other' WHERE number = 2")
        with pytest.raises(Misconfigured, match=r"0002_calls\.sql was edited"):
            await migrate(pool)
        await pool.execute("INSERT INTO schema_migration (number, name, checksum) VALUES (9999, 'future', '')")
        await pool.execute("UPDATE schema_migration SET checksum = '' WHERE number = 2")
        with pytest.raises(Misconfigured):
            await pending(pool)
    finally:
        await pool.close()


@pytest.mark.parametrize(
    ("dsn", "says"),
    [
        ("postgresql://pbx@127.0.0.1:1/none", "127.0.0.1:1"),
        ("postgresql://pbx:secret@127.0.0.1:notaport/none", "DSN"),
        ("nonsense", "cannot use PostgreSQL"),
    ],
)
async def test_a_wrong_dsn_is_one_clear_error_without_the_password(dsn: str, says: str) -> None:
    with pytest.raises(Misconfigured, match=says) as refusal:
        await open_pool(dsn, connect_seconds=3)
    assert "secret" not in str(refusal.value)


async def test_a_missing_database_is_named(postgres: Server) -> None:
    with pytest.raises(Misconfigured, match="nowhere"):
        await open_pool(postgres.dsn("nowhere"))
