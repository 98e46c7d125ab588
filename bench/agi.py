"""FastAGI: 32 calls at once, ten commands a session, against panoramisk's server, a pyst2 process for each call, and
a C server that does not think (the bound).

The bars speak of sessions a second, so that is what is judged. For it to be the server's figure, Asterisk's side is
a C program that costs less than any server but the C one, on a core of its own; every server has the other core, and
all stand by from the start while short rounds go from one to the next. The server's CPU time a session is printed too:
it does not know who else is on the machine, and it charges the C server, which its caller holds up, in full.

Every call brings a token of its own, and ours lets it in by its gate, as in production. panoramisk knows no tokens and
takes an address with a query for another route: its calls bring none.
"""

import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from msgspec import Struct

from bench.agi_requests import requests
from bench.rounds import Row, row

_HERE = Path(__file__).parent
_BUILD = _HERE.parent / "build"
_PORT = int(os.environ.get("BENCH_AGI_PORT", "15110"))
_SESSIONS = 400
_AT_ONCE = 32
_COMMANDS = 10
_ROUNDS = int(os.environ.get("BENCH_AGI_ROUNDS", "45"))
_CORES = sorted(os.sched_getaffinity(0))

_PYTHON_SERVERS = ("panoramisk", "ours", "ours-uvloop", "open-uvloop", "floor-uvloop")


class _Server(Struct, frozen=True):
    name: str
    port: int
    pid: int


class Round(Struct, frozen=True):
    """Seconds a session: by the clock, of the server's CPU, of the caller's CPU."""

    wall: float
    server: float
    caller: float


def run() -> list[Row]:
    compiler = shutil.which("cc")
    if compiler is None:
        return [row("agi", "skipped: no C compiler for the calling side", 0.0, "")]
    peer = _compile(compiler)
    commands = {name: [sys.executable, "-m", "bench.agi_servers", name] for name in _PYTHON_SERVERS}
    commands["c"] = [str(peer), "serve"]
    rounds: dict[str, list[Round]] = {name: [] for name in commands}
    with ExitStack() as stack:
        servers = [
            stack.enter_context(_running(name, command, _PORT + n))
            for n, (name, command) in enumerate(commands.items())
        ]
        for server in servers:
            _warm_up(peer, server)
        for _ in range(_ROUNDS):
            for server in servers:
                rounds[server.name].append(_round(peer, server))
    return _rows({name: _middle(taken) for name, taken in rounds.items()}, _pyst2())


def _middle(taken: list[Round]) -> Round:
    return Round(*(median(getattr(each, part) for each in taken) for part in Round.__struct_fields__))


def _rows(taken: Mapping[str, Round], pyst2: float) -> list[Row]:
    peer, bound, ours = taken["panoramisk"], taken["c"], taken["ours-uvloop"]

    def rate(name: str, what: str, against: Round, bar: float | None = None) -> Row:
        return row("agi", what, 1 / taken[name].wall, "sessions/s", against.wall / taken[name].wall, bar)

    def cpu(name: str, what: str) -> Row:
        return row("agi", what, taken[name].server * 1e6, "µs CPU", peer.server / taken[name].server)

    return [
        rate("panoramisk", "panoramisk's server", peer),
        rate("c", "C epoll server, doing nothing (bound)", peer),
        rate("floor-uvloop", "uvloop alone, no session (Python's floor)", peer),
        rate("open-uvloop", "ours, uvloop, no gate: asks no token either", peer),
        rate("ours", "ours, stock loop, against panoramisk", peer, 1.4),
        rate("ours-uvloop", "ours, uvloop, against panoramisk", peer, 3.0),
        rate("ours-uvloop", "ours, uvloop, share of the C server's rate", bound, 0.7),
        row("agi", "ours, uvloop, against a pyst2 process a call", pyst2 * 1e6, "µs CPU", pyst2 / ours.server, 100.0),
        *(cpu(name, f"{name}: server's CPU a session, × less") for name in taken),
        row("agi", "the caller's CPU a session, C server", bound.caller * 1e6, "µs CPU"),
        row(
            "agi", "ours, uvloop, share of the C server by CPU", ours.server * 1e6, "µs CPU", bound.server / ours.server
        ),
    ]


def _compile(compiler: str) -> Path:
    _BUILD.mkdir(exist_ok=True)
    binary = _BUILD / "agi_peer"
    source = str(_HERE / "agi_peer.c")
    subprocess.run([compiler, "-O2", "-D_GNU_SOURCE", "-o", str(binary), source], check=True)
    return binary


def _round(peer: Path, server: _Server) -> Round:
    before = _cpu_of(server.pid)
    wall, caller = _call(peer, server)
    return Round(wall / _SESSIONS, (_cpu_of(server.pid) - before) / _SESSIONS, caller / _SESSIONS)


def _call(peer: Path, server: _Server) -> tuple[float, float]:
    """Wall seconds and the caller's CPU seconds."""
    said = requests(_SESSIONS, signed=server.name != "panoramisk")
    arguments = [*_on(_CORES[-1]), str(peer), "call", str(server.port), str(_AT_ONCE)]
    printed = subprocess.run(arguments, input=said, check=True, capture_output=True, timeout=60).stdout.split()
    assert int(printed[1]) >= _SESSIONS * _COMMANDS, "the server did not send all its commands"
    return float(printed[0]), float(printed[2])


def _on(core: int) -> list[str]:
    """Words before a command that keep it on a core; none where there is no choice."""
    taskset = shutil.which("taskset")
    return [] if taskset is None or len(_CORES) < 2 else [taskset, "-c", str(core)]


def _warm_up(peer: Path, server: _Server) -> None:
    """Calls until the server is there. A bare probe of the port would not do: panoramisk's server spins for ever when
    a peer closes before its request is whole."""
    end = time.monotonic() + 30
    while True:
        try:
            _call(peer, server)
        except subprocess.CalledProcessError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


@contextmanager
def _running(name: str, command: list[str], port: int) -> Iterator[_Server]:
    process = subprocess.Popen([*_on(_CORES[0]), *command, str(port), str(_COMMANDS)], cwd=_HERE.parent)
    try:
        yield _Server(name, port, process.pid)
    finally:
        process.terminate()
        process.wait(10)


def _cpu_of(pid: int) -> float:
    """Seconds all threads of a process have run so far, to the nanosecond (`stat` counts ticks of 10 ms)."""
    return sum(int(each.read_text().split()[0]) for each in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


def _pyst2(calls: int = 24) -> float:
    """CPU seconds of one call handled by a pyst2 process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(_one_pyst2_call, range(calls)))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / calls


def _one_pyst2_call(number: int) -> None:
    script = [sys.executable, "-m", "bench.agi_pyst2", str(_COMMANDS)]
    said = f"agi_network: no\nagi_uniqueid: {number}\n\n" + "200 result=0\n" * _COMMANDS
    subprocess.run(
        script, input=said.encode(), cwd=_HERE.parent, check=True, timeout=30,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
