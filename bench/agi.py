"""FastAGI: 32 calls at once, ten commands a session, against panoramisk's server, a pyst2 process for each call, and
a C server that does not think (the bound).

Asterisk's side is a C program with a thread for each call, as Asterisk has. The figure is the server's own CPU time a
session (user and system): on a shared machine the wall clock mostly measures the neighbours; it is printed too.
"""

import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from bench.rounds import Row, row

_HERE = Path(__file__).parent
_BUILD = _HERE.parent / "build"
_PORT = int(os.environ.get("BENCH_AGI_PORT", "15110"))
_SESSIONS = 1500
_AT_ONCE = 32
_COMMANDS = 10
_ROUNDS = 5
_TICKS = os.sysconf("SC_CLK_TCK")

_PYTHON_SERVERS = ("panoramisk", "ours", "ours-uvloop", "floor-uvloop")


def run() -> list[Row]:
    compiler = shutil.which("cc")
    if compiler is None:
        return [row("agi", "skipped: no C compiler for the calling side", 0.0, "")]
    peer = _compile(compiler)
    servers = {name: [sys.executable, "-m", "bench.agi_servers", name] for name in _PYTHON_SERVERS}
    servers["c"] = [str(peer), "serve"]
    cpu: dict[str, list[float]] = {name: [] for name in servers}
    wall: dict[str, list[float]] = {name: [] for name in servers}
    for _ in range(_ROUNDS):
        for name, command in servers.items():
            seconds, used = _measure(peer, command)
            cpu[name].append(used / _SESSIONS)
            wall[name].append(seconds / _SESSIONS)
    pyst2 = _pyst2()
    return _rows({name: median(all_) for name, all_ in cpu.items()}, {n: median(a) for n, a in wall.items()}, pyst2)


def _rows(cpu: dict[str, float], wall: dict[str, float], pyst2: float) -> list[Row]:
    def against(peer: float, own: float, what: str, bar: float | None) -> Row:
        return row("agi", what, own * 1e6, "µs CPU", peer / own, bar)

    stock, uv, peer, bound = cpu["ours"], cpu["ours-uvloop"], cpu["panoramisk"], cpu["c"]
    rows = [
        row("agi", "panoramisk's server, a session", peer * 1e6, "µs CPU"),
        row("agi", "C epoll server, a session", bound * 1e6, "µs CPU", peer / bound),
        against(peer, cpu["floor-uvloop"], "uvloop alone, no session or task (bound)", None),
        against(peer, stock, "ours, stock loop, against panoramisk", 1.4),
        against(peer, uv, "ours, uvloop, against panoramisk", 3.0),
        row("agi", "ours, uvloop, share of the C bound", uv * 1e6, "µs CPU", bound / uv, 0.7),
        row("agi", "ours, uvloop, against a pyst2 process a call", pyst2 * 1e6, "µs CPU", pyst2 / uv, 100.0),
    ]
    rows += [
        row("agi", f"{name}, wall clock", 1 / each, "sessions/s", wall["panoramisk"] / each)
        for name, each in wall.items()
    ]
    return rows


def _compile(compiler: str) -> Path:
    _BUILD.mkdir(exist_ok=True)
    binary = _BUILD / "agi_peer"
    source = str(_HERE / "agi_peer.c")
    subprocess.run([compiler, "-O2", "-pthread", "-D_GNU_SOURCE", "-o", str(binary), source], check=True)
    return binary


def _measure(peer: Path, server: list[str]) -> tuple[float, float]:
    """Wall seconds and the server's CPU seconds for all sessions."""
    with _running([*server, str(_PORT), str(_COMMANDS)]) as pid:
        _warm_up(peer)
        before = _cpu_of(pid)
        wall = _call(peer, _SESSIONS)
        return wall, _cpu_of(pid) - before


def _call(peer: Path, sessions: int) -> float:
    arguments = [str(peer), "call", str(_PORT), str(sessions), str(_AT_ONCE)]
    printed = subprocess.run(arguments, check=True, capture_output=True, text=True, timeout=60).stdout.split()
    assert int(printed[1]) >= sessions * _COMMANDS, "the server did not send all its commands"
    return float(printed[0])


def _warm_up(peer: Path) -> None:
    """Calls until the server is there. A bare probe of the port would not do: panoramisk's server spins for ever when
    a peer closes before its request is whole."""
    end = time.monotonic() + 15
    while True:
        try:
            _call(peer, _AT_ONCE)
        except subprocess.CalledProcessError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


@contextmanager
def _running(command: list[str]) -> Iterator[int]:
    server = subprocess.Popen(command, cwd=_HERE.parent)
    try:
        yield server.pid
    finally:
        server.terminate()
        server.wait(10)


def _cpu_of(pid: int) -> float:
    """User and system seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


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
