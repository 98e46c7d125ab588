"""Loopback addresses and ports of this test process's own: other workers, runs and demos are on this machine too."""

import os
import socket
from itertools import count

_RUN = os.getpid()
# Below what the kernel gives to outgoing connections (ip_local_port_range begins at 32768): a port found free now must
# still be free when a server that starts later binds it.
_FIRST, _LAST = 10_240, 32_767
_tried = count(_RUN * 61)


def loopback(host: int) -> str:
    """The process's `host`-th address (1–254)."""
    return f"127.{64 + _RUN % 128}.{_RUN // 128 % 256}.{host}"


def free_port(address: str = "127.0.0.1", kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port nobody listens on now, never given twice by this process."""
    for _ in range(_LAST - _FIRST):
        port = _FIRST + next(_tried) % (_LAST - _FIRST)
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((address, port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port at {address}")
