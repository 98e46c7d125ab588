"""The part of panoramisk 1.4 that pbx_bridge.ami.link uses; the package itself carries no types."""

import asyncio
from collections.abc import Callable
from ssl import SSLContext

from pbx_bridge.ami.connection import Connection

class Manager:
    def __init__(
        self,
        *,
        host: str,
        port: int,
        ssl: SSLContext | bool,
        ping_delay: int,
        ping_interval: int,
        protocol_factory: Callable[[], Connection],
    ) -> None: ...
    def connect(self) -> asyncio.Task[tuple[asyncio.Transport, Connection]]: ...
    def connection_made(self, f: asyncio.Future[tuple[asyncio.Transport, Connection]]) -> None: ...
    def connection_lost(self, exc: object) -> None: ...
    def close(self) -> None: ...
