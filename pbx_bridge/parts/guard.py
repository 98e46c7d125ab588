"""Run as a script: `guard.py PARENT SIGNAL NAME SEEN REAL -- COMMAND…`. Becomes COMMAND, bound to die with PARENT.

prctl(2) PR_SET_PDEATHSIG is set here, between fork and exec but in a fresh interpreter: a `preexec_fn` may deadlock in
a process with threads (subprocess's documentation). NAME is a host name for COMMAND alone (a UTS namespace), SEEN the
user it shall take itself for (a user namespace, unshare(2)), REAL the user it shall be; `-` leaves each alone.
"""

import ctypes
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP = 28, 1 << 2
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 47, 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522
_CLONE_NEWUTS = 0x04000000
_CLONE_NEWUSER = 0x10000000


def _call(name: str, *arguments: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _see_oneself_as(seen_uid: int) -> None:
    uid, gid = os.geteuid(), os.getegid()
    _call("unshare", _CLONE_NEWUSER)
    # user_namespaces(7): one's own id may be mapped to any; setgroups must be denied before gid_map may be written.
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{seen_uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def _become(uid: int) -> None:
    with suppress(OSError):  # changing the user keeps capabilities, and access(2) counts them: initdb asks it
        _call("prctl", _PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)
    with suppress(OSError):  # without them it runs all the same, where every folder on the way is open to it
        _keep_reach()


def _keep_reach() -> None:
    """Keep root's way through folders closed to others (capabilities(7), ambient), say to a clone in root's home."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    only = 1 << _CAP_DAC_OVERRIDE
    sets = (ctypes.c_uint32 * 6)(only, only, only, 0, 0, 0)  # effective, permitted, inheritable; then those above 31
    _call("capset", ctypes.byref(header), ctypes.byref(sets))
    _call("prctl", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)


def _take_host_name(name: str) -> None:
    if os.geteuid() != 0:  # a name of one's own needs a privilege that a namespace of one's own gives
        _see_oneself_as(os.geteuid())
    _call("unshare", _CLONE_NEWUTS)
    socket.sethostname(name)


def main(arguments: list[str]) -> None:
    """Bind to the parent, then become the command; ends with one line when that cannot be done."""
    parent, signal_number, name, seen, real = arguments[:5]
    command = arguments[arguments.index("--") + 1 :]
    try:
        if name != "-":
            _take_host_name(name)
        if seen != "-":
            _see_oneself_as(int(seen))
        if real != "-":
            _become(int(real))
        _call("prctl", _PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0)
        if os.getppid() != int(parent):  # it died before the binding: nobody would ever stop us
            sys.exit("the starting process is gone")
        signal.pthread_sigmask(signal.SIG_SETMASK, ())  # a mask is inherited through exec; parts wait for SIGTERM
        os.execvp(command[0], command)
    except OSError as failure:
        what = "this machine's own host name has no address (add it to /etc/hosts); " if name != "-" else ""
        sys.exit(f"cannot start {command[0]}: {what}{failure}")


if __name__ == "__main__":
    main(sys.argv[1:])
