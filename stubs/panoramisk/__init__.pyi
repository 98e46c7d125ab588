"""The part of panoramisk 1.4 that the bridge, its tests and benches use; the package itself carries no types."""

import asyncio
from collections import deque
from collections.abc import Callable
from ssl import SSLContext

class Manager:
    reconnect_timeout: float
    awaiting_actions: deque[object]
    def __init__(
        self,
        *,
        host: str = ...,
        port: int = ...,
        ssl: SSLContext | bool = ...,
        ping_delay: int = ...,
        ping_interval: int = ...,
        protocol_factory: Callable[[], asyncio.BaseProtocol] = ...,
    ) -> None: ...
    def connect(self) -> asyncio.Task[tuple[asyncio.Transport, asyncio.BaseProtocol]]: ...
    def connection_made(self, f: asyncio.Future[tuple[asyncio.Transport, asyncio.BaseProtocol]]) -> None: ...
    def connection_lost(self, exc: object) -> None: ...
    def register_event(self, pattern: str, callback: Callable[[Manager, object], object]) -> object: ...
    def send_action(self, action: dict[str, str]) -> asyncio.Future[object]: ...
    def close(self) -> None: ...
