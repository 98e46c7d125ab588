"""Watching processes from outside, with deadlines."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def gone(pid: int) -> bool:
    """Whether the process has ended; one that only waits to be reaped has."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


def eventually(holds: Callable[[], bool], deadline_s: float = 20.0) -> bool:
    end = time.monotonic() + deadline_s
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def pid_said_by(program: str, arguments: Sequence[str]) -> tuple[int, Callable[[], None]]:
    """Run `program`, which prints one process id and then sleeps; that id, and what kills the program as -9 does."""
    process = subprocess.Popen([sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = process.stdout.readline()
    if not said.strip().isdigit():
        process.communicate()
        raise AssertionError(f"the program said {said!r} and ended with {process.returncode}")
    pid = int(said)

    def kill() -> None:
        process.send_signal(signal.SIGKILL)
        process.communicate()

    return pid, kill
