"""One running Asterisk: started in the foreground as a child, ready when it says so, gone when stopped."""

import shutil
import socket
import subprocess
import tempfile
import threading
from pathlib import Path

from pbx_bridge.parts.asterisk_server.directories import lay_out
from pbx_bridge.parts.asterisk_server.install import AsteriskInstall
from pbx_bridge.parts.child import Child, spawn

_LONGEST_SOCKET_PATH = 100  # sockaddr_un holds 108 bytes with its end (unix(7)); Asterisk cuts silently
_NAME_LOOKUP_S = 1.0


class RunningAsterisk:
    """A booted Asterisk."""

    def __init__(self, install: AsteriskInstall, child: Child, conf: Path, run_dir: Path, control_dir: Path) -> None:
        self._child = child
        self._conf = conf
        self._control_dir = control_dir
        self.install = install
        self.run_dir = run_dir
        self.sounds_dir = run_dir / "data/sounds"
        """One folder a language; add one's own here. Music on hold: `data/moh`."""
        self.spool_dir = run_dir / "spool"
        self.log_dir = run_dir / "log"
        """Also holds `cdr-custom/` and `cel-custom/`, if those modules are configured, and `console` (its output)."""

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._child.running

    @property
    def program(self) -> list[str]:
        """What speaks with this Asterisk, before `-rx COMMAND`."""
        return [*self.install.command, "-C", str(self._conf)]

    def console(self, command: str, timeout_s: float = 10.0) -> str:
        """What `asterisk -rx COMMAND` prints; empty when it cannot be reached. TimeoutExpired: no answer."""
        line = [*self.program, "-rx", command]
        return subprocess.run(line, capture_output=True, text=True, check=False, timeout=timeout_s).stdout

    def stop(self, deadline_s: float = 20.0) -> None:
        """Hang up its calls and end it (SIGTERM; SIGKILL after `deadline_s`). Safe to call twice.

        On SIGTERM Asterisk waits up to 15 s for its channels to end, so that their CDRs are written (main/asterisk.c).
        """
        self._child.stop(deadline_s)
        if self._control_dir.parent != self.run_dir:
            shutil.rmtree(self._control_dir, ignore_errors=True)


def start(install: AsteriskInstall, config_dir: Path, run_dir: Path, *, deadline_s: float = 60.0) -> RunningAsterisk:
    """Start it with the configuration in `config_dir`, all it writes below `run_dir`; returns once fully booted.

    It dies with this process. PartUnavailable, with its last words: it did not boot within `deadline_s`.
    """
    config_dir, run_dir = config_dir.resolve(), run_dir.resolve()
    control_dir = run_dir / "run"
    if len(str(control_dir / "asterisk.ctl")) > _LONGEST_SOCKET_PATH:
        control_dir = Path(tempfile.mkdtemp(prefix="pbx-asterisk-"))
    control_dir.mkdir(parents=True, exist_ok=True)
    (control_dir / "asterisk.ctl").unlink(missing_ok=True)  # of an instance that was killed: nobody listens there
    conf = lay_out(install, config_dir, run_dir, control_dir)
    child = spawn(
        [*install.command, "-f", "-C", str(conf)],
        log=run_dir / "log/console",
        cwd=run_dir,
        host_name=None if _own_name_resolves() else "localhost",
    )
    asterisk = RunningAsterisk(install, child, conf, run_dir, control_dir)
    child.wait_until(lambda: _fully_booted(asterisk, deadline_s), f"Asterisk {install.version_text}", deadline_s)
    return asterisk


def _fully_booted(asterisk: RunningAsterisk, deadline_s: float) -> bool:
    if not (asterisk._control_dir / "asterisk.ctl").exists():
        return False
    return "fully booted" in asterisk.console("core waitfullybooted", deadline_s)


def _own_name_resolves() -> bool:
    """Whether the machine's own name has an address, at once: Asterisk asks for it at every call (ast_find_ourip)."""
    found = threading.Event()

    def look_up() -> None:
        try:
            socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
        except OSError:
            return
        found.set()

    lookup = threading.Thread(target=look_up, daemon=True)
    lookup.start()
    lookup.join(_NAME_LOOKUP_S)
    return found.is_set()
