"""Loopback addresses of this test run's own: 127.0.0.0/8 is wide, and other runs and demos are on this machine too."""

import os
import socket

_RUN = os.getpid()


def loopback(host: int) -> str:
    """The run's `host`-th address (1–254)."""
    return f"127.{64 + _RUN % 128}.{_RUN // 128 % 256}.{host}"


def free_port(address: str = "127.0.0.1", kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port nobody listens on now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])
