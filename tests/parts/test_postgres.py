"""A PostgreSQL of our own: quick, durable, private, and gone with whoever started it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from pbx_bridge.parts import postgres
from pbx_bridge.parts.errors import PartUnavailable
from tests.parts.processes import eventually, free_port, gone, pid_said_by

_STARTER = """
import sys, time
from pathlib import Path
from pbx_bridge.parts import postgres
print(postgres.start(Path(sys.argv[1])).pid, flush=True)
time.sleep(120)
"""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("postgres")


@pytest.fixture
def server(data_dir: Path) -> Iterator[postgres.PostgresServer]:
    started = postgres.start(data_dir)
    yield started
    started.stop()


@pytest.fixture
async def connection(server: postgres.PostgresServer) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    opened = await asyncpg.connect(server.dsn)
    yield opened
    await opened.close()


async def test_keeps_what_is_committed(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert await connection.fetchval("SELECT current_setting($1)", setting) == "on"
    assert await connection.fetchval("SELECT current_setting('server_encoding')") == "UTF8"


async def test_wants_its_password(server: postgres.PostgresServer) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(server.dsn.replace("@", "x@"))


async def test_data_outlives_a_restart(data_dir: Path) -> None:
    first = postgres.start(data_dir)
    opened = await asyncpg.connect(first.dsn)
    await opened.execute("CREATE TABLE IF NOT EXISTS kept (n int); INSERT INTO kept VALUES (1)")
    await opened.close()
    first.stop()
    second = postgres.start(data_dir)
    opened = await asyncpg.connect(second.dsn)
    assert await opened.fetchval("SELECT count(*) FROM kept") >= 1
    await opened.close()
    second.stop()


async def test_databases_come_and_go(server: postgres.PostgresServer) -> None:
    dsn = server.create_database("parts_one")
    opened = await asyncpg.connect(dsn)
    assert await opened.fetchval("SELECT current_database()") == "parts_one"
    await opened.close()
    server.drop_database("parts_one")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(dsn)


def test_a_server_given_by_its_dsn_is_used_and_left_running(server: postgres.PostgresServer, tmp_path: Path) -> None:
    given = postgres.start_or_use(tmp_path / "unused", server.dsn)
    given.create_database("parts_given")
    given.stop()
    assert given.pid is None
    assert not (tmp_path / "unused").exists()
    server.drop_database("parts_given")


def test_a_name_that_is_no_plain_one_is_refused(server: postgres.PostgresServer) -> None:
    with pytest.raises(ValueError, match="no plain database name"):
        server.create_database('x"; DROP DATABASE postgres; --')


def test_a_taken_port_is_said_in_one_line(server: postgres.PostgresServer, tmp_path: Path) -> None:
    taken = int(server.dsn.rpartition(":")[2].partition("/")[0])
    with pytest.raises(PartUnavailable) as refusal:
        postgres.start(tmp_path / "other", taken)
    assert "\n" not in str(refusal.value)
    assert "PostgreSQL ended at its start" in str(refusal.value)


def test_an_unreachable_server_is_said_in_one_line() -> None:
    absent = postgres.PostgresServer(f"postgresql://nobody@127.0.0.1:{free_port()}/x")
    with pytest.raises(PartUnavailable, match="PostgreSQL: "):
        absent.create_database("parts_absent")


def test_an_interrupted_initialisation_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster/PG_VERSION").write_text("18\n")
    server = postgres.start(tmp_path)
    server.stop()
    assert (tmp_path / "complete").exists()


async def test_starts_again_at_once_after_a_kill_that_left_busy_backends(tmp_path: Path) -> None:
    server = postgres.start(tmp_path)
    opened = await asyncpg.connect(server.dsn)
    await opened.execute("CREATE TABLE kept AS SELECT 1 AS n")
    busy = asyncio.ensure_future(opened.execute("SELECT count(*) FROM generate_series(1, 5000000)"))
    await asyncio.sleep(0)
    assert server.pid
    os.kill(server.pid, signal.SIGKILL)
    server.stop()
    again = postgres.start(tmp_path)
    # A backend that computes notices only afterwards that its server is gone: its answer may still come.
    with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError):
        await busy
    await opened.close()
    opened = await asyncpg.connect(again.dsn)
    assert await opened.fetchval("SELECT n FROM kept") == 1
    await opened.close()
    again.stop()


def test_dies_with_a_killed_parent_and_starts_again_at_once(tmp_path: Path) -> None:
    pid, kill = pid_said_by(_STARTER, [str(tmp_path)])
    kill()
    again = postgres.start(tmp_path)
    assert again.pid != pid
    again.stop()
    assert eventually(lambda: gone(pid))
