"""Run as a script: `guard.py PARENT SIGNAL UTS -- COMMAND…`. Becomes COMMAND, bound to die with process PARENT.

prctl(2) PR_SET_PDEATHSIG is set here, between fork and exec but in a fresh interpreter: a `preexec_fn` may deadlock in
a process with threads (subprocess's documentation). UTS is `own` to give COMMAND the host name `localhost` in a UTS
namespace of its own (unshare(2)), `host` to leave it alone.
"""

import ctypes
import os
import signal
import socket
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUTS = 0x04000000
_CLONE_NEWUSER = 0x10000000


def _call(name: str, *arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _own_host_name() -> None:
    uid, gid = os.getuid(), os.getgid()
    if uid == 0:
        _call("unshare", _CLONE_NEWUTS)
    else:
        _call("unshare", _CLONE_NEWUSER | _CLONE_NEWUTS)
        # user_namespaces(7): one's own ids map to themselves; setgroups must be denied before gid_map may be written.
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    socket.sethostname("localhost")


def main(arguments: list[str]) -> None:
    """Bind to the parent, then become the command; exits 125 with one line when that cannot be done."""
    parent, signal_number, uts = int(arguments[0]), int(arguments[1]), arguments[2]
    command = arguments[arguments.index("--") + 1 :]
    try:
        if uts == "own":
            _own_host_name()
        _call("prctl", _PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
        if os.getppid() != parent:  # it died before the binding: nobody would ever stop us
            sys.exit(125)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())  # a mask is inherited through exec; parts wait for SIGTERM
        os.execvp(command[0], command)
    except OSError as failure:
        sys.exit(f"cannot start {command[0]}: {failure}")


if __name__ == "__main__":
    main(sys.argv[1:])
