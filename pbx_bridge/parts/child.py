"""Child processes that leave nothing behind: own process group, stopped by id, dead when this process dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from pbx_bridge.parts.errors import PartUnavailable

_GUARD = Path(__file__).with_name("guard.py")
# PR_SET_PDEATHSIG fires when the *thread* that forked ends (prctl(2)), so one thread forks all of them, and it lives
# as long as the process.
_forker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="parts-forker")


class Child:
    """A running part."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, log_from: int, stop_signal: signal.Signals) -> None:
        self._process = process
        self._stop_signal = stop_signal
        self._log_from = log_from
        self.log = log

    @property
    def pid(self) -> int:
        """The process id; also the id of its process group."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        if self._process.returncode is not None:
            return False
        # Looked at without reaping: the id stays ours until `stop`, so its group can never be somebody else's.
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None

    def wait_until(self, ready: Callable[[], bool], name: str, deadline_s: float) -> None:
        """Return as soon as `ready()` holds. PartUnavailable, with the log's last line: it ended or took too long."""
        end = time.monotonic() + deadline_s
        while not ready():
            late = time.monotonic() > end
            if late or not self.running:
                why = f"was not ready after {deadline_s:.0f} s" if late else "ended at its start"
                words = self.last_words()  # before the end that we make
                self.stop()
                raise PartUnavailable(f"{name} {why}: {words}")
            time.sleep(0.02)

    def stop(self, deadline_s: float = 20.0) -> None:
        """End it and its process group: its stop signal first, SIGKILL after `deadline_s`. Safe to call twice."""
        if self._process.returncode is not None:
            return
        if self.running:
            os.kill(self.pid, self._stop_signal)
        end = time.monotonic() + deadline_s
        while self.running and time.monotonic() < end:
            time.sleep(0.02)
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def wait(self, deadline_s: float) -> int:
        """Its exit status, once it has ended by itself; it is stopped after `deadline_s`, which is a failure too."""
        try:
            return self._process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            self.stop()
            return self._process.returncode

    def last_words(self) -> str:
        """What killed it, or the line of its log that most likely says why it ended; and where that log is."""
        if killer := self._killer():
            return f"killed by {killer.name} (log: {self.log})"
        with self.log.open("rb") as log:
            log.seek(self._log_from)
            lines = log.read().decode(errors="replace").strip().splitlines()
        fatal = [line for line in lines[-20:] if "FATAL" in line]  # PostgreSQL adds hints below its reason
        return f"{(fatal or lines or ['it said nothing'])[-1]} (log: {self.log})"

    def _killer(self) -> signal.Signals | None:
        if self._process.returncode is not None:
            return signal.Signals(-self._process.returncode) if self._process.returncode < 0 else None
        end = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
        return signal.Signals(end.si_status) if end is not None and end.si_code != os.CLD_EXITED else None


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    host_name: str | None = None,
    seen_uid: int | None = None,
    real_uid: int | None = None,
) -> Child:
    """Start `command`, its output appended to `log`; it gets `stop_signal` when this process dies, however it dies.

    `host_name`: a name of the machine for it alone; `seen_uid`: the user it takes itself for, while its files are ours
    (both need namespaces); `real_uid`: the user it is, for root to give up its rights.
    """
    guard = [sys.executable, "-I", "-S", str(_GUARD), str(os.getpid()), str(int(stop_signal))]
    guard += [host_name or "-", _number(seen_uid), _number(real_uid), "--", *command]

    def fork() -> subprocess.Popen[bytes]:
        with log.open("ab") as out:
            return subprocess.Popen(
                guard,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=cwd,
                env=environment,
                start_new_session=True,
            )

    log_from = log.stat().st_size if log.exists() else 0
    return Child(_forker.submit(fork).result(), log, log_from, stop_signal)


def may_see_itself_as(uid: int) -> bool:
    """Whether this machine lets a process have a user namespace (many containers do not)."""
    probe = [sys.executable, "-I", "-S", str(_GUARD), str(os.getpid()), "0", "-", str(uid), "-", "--", "true"]
    return subprocess.run(probe, capture_output=True, check=False, timeout=30).returncode == 0


def _number(uid: int | None) -> str:
    return "-" if uid is None else str(uid)
