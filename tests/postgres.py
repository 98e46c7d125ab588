"""The tests' PostgreSQL: one server a run, a fresh database a test, and rough handling where a test is about that."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import asyncpg

from pbx_bridge.parts import postgres

How = Literal["fast", "immediate", "kill"]
_SIGNALS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT, "kill": signal.SIGKILL}


def execute(dsn: str, sql: str) -> None:
    """One statement on a connection of its own."""

    async def run() -> None:
        connection = await asyncpg.connect(dsn)
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    asyncio.run(run())


def do_not_wait_for_the_disk(dsn: str) -> None:
    """The machine under a test does not lose power; a killed server loses nothing by this."""
    execute(dsn, "ALTER SYSTEM SET fsync = off")
    execute(dsn, "SELECT pg_reload_conf()")


class Server:
    """`PBX_TEST_DSN`'s server, else one of our own in `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._databases = 0
        self._server = postgres.start_or_use(root, os.environ.get("PBX_TEST_DSN", ""))
        if self._server.pid is not None:
            do_not_wait_for_the_disk(self._server.dsn)

    def dsn(self, database: str = "postgres") -> str:
        return self._server.database(database)

    def new_database(self, template: str = "template0") -> str:
        """The DSN of a fresh copy of `template`."""
        self._databases += 1
        name = f"test_{os.getpid()}_{self._databases}"
        execute(self.dsn(), f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self.dsn(name)

    def drop(self, dsn: str) -> None:
        execute(self.dsn(), f"DROP DATABASE {dsn.rpartition('/')[2]} WITH (FORCE)")

    def stop(self) -> None:
        self._server.stop()


class Restartable:
    """A server of a test's own, always on the same port."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._server = postgres.start(root)
        do_not_wait_for_the_disk(self._server.dsn)
        self.dsn = self._server.dsn
        self._port = int(self.dsn.rpartition(":")[2].partition("/")[0])

    def stop(self, how: How = "fast") -> None:
        pid = self._server.pid
        assert pid is not None
        os.kill(pid, _SIGNALS[how])
        self._server.stop()

    def start(self) -> None:
        self._server = postgres.start(self._root, self._port)


@contextmanager
def folder() -> Iterator[Path]:
    """A place for a server's data, gone afterwards."""
    path = Path(tempfile.mkdtemp(prefix="pbx-test-"))
    try:
        yield path
    finally:
        shutil.rmtree(path)
