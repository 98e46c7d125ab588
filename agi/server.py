"""The FastAGI server: a socket, limits, and one task for each call's dialogue.

Asterisk holds the caller's channel as long as we hold the connection (fact F8), so everything here ends: the
request after seconds, a command at its deadline, a session after minutes, all of them when the server closes.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final, cast

from msgspec import Struct

from pbx_bridge.core.errors import Garbled

from .protocol import Conversation, HangUp, Reply, Request, command
from .runner import Runner
from .session import HungUp, Session
from .token import Gate

_log = logging.getLogger(__name__)

Dialogue = Callable[[Session], Awaitable[None]]

OUTCOME_VARIABLE: Final = "DIALOGUE_OUTCOME"
"""Set to `done` on the channel by a dialogue that ended by itself. Anything else, a killed server too, leaves it
unset, and the dialplan's fallback speaks."""

_DONE: Final = command("SET VARIABLE", OUTCOME_VARIABLE, "done")
_LOOK_EVERY_S: Final = 0.25


class Limits(Struct, frozen=True):
    """Seconds and counts."""

    sessions: int = 500
    request_s: float = 3.0
    session_s: float = 600.0


class Server:
    """`counts` says what became of every connection: done, hung_up, failed, too_long, crowded, garbled, silent,
    no_route, and the gate's missing, foreign, expired, replayed."""

    def __init__(self, routes: Mapping[str, Dialogue], gate: Gate | None = None, limits: Limits | None = None) -> None:
        """Without a gate every request is let in: for tests and benches only."""
        self.counts: Counter[str] = Counter()
        self.buffer: Final = memoryview(bytearray(64 * 1024))
        self._routes = dict(routes)
        self._gate = gate
        self._limits = limits if limits is not None else Limits()
        self._callers: set[_Caller] = set()
        self._server: asyncio.Server | None = None
        self._looker: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port listened on."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def sessions(self) -> int:
        return len(self._callers)

    async def start(self, host: str = "127.0.0.1", port: int = 4573) -> None:
        """Listens. Raises `OSError` when the port is taken."""
        loop = asyncio.get_running_loop()
        # The stock loop allocates 256 KB for each read of a plain protocol, a dozen bytes of reply or not; uvloop does
        # not, and is slower with a buffer of ours (`make bench`).
        kind = _BufferedCaller if isinstance(loop, asyncio.SelectorEventLoop) else _StreamCaller
        self._server = await loop.create_server(lambda: kind(self, loop), host, port, backlog=256)
        self._looker = asyncio.create_task(self._look_after())

    async def close(self, *, grace_s: float = 0.0) -> None:
        """Listens no more; dialogues may end by themselves for `grace_s`, then they are cancelled."""
        if self._server is None or self._looker is None:
            return
        self._server.close()
        tasks = [caller.task for caller in self._callers if caller.task is not None]
        if tasks and grace_s > 0:
            await asyncio.wait(tasks, timeout=grace_s)
        self._looker.cancel()
        for caller in list(self._callers):
            caller.end()
        await asyncio.gather(self._looker, *tasks, return_exceptions=True)
        await self._server.wait_closed()

    def admit(self, caller: "_Caller") -> bool:
        """False when too many are here already."""
        if len(self._callers) >= self._limits.sessions:
            self.counts["crowded"] += 1
            return False
        self._callers.add(caller)
        return True

    def dismiss(self, caller: "_Caller") -> None:
        self._callers.discard(caller)

    def dialogue_for(self, request: Request) -> Dialogue | None:
        """The route a request may take; None, counted and logged, when it may take none."""
        dialogue = self._routes.get(request.dialogue)
        verdict = "no_route" if dialogue is None else self._judge(request)
        if verdict == "genuine":
            return dialogue
        self.counts[verdict] += 1
        _log.warning("AGI request for %r refused: %s", request.dialogue, verdict)
        return None

    def _judge(self, request: Request) -> str:
        if self._gate is None:
            return "genuine"
        token = request.query.get("token", "")
        return self._gate.judge(token, request.dialogue, request.uniqueid, time.time())

    async def _look_after(self) -> None:
        # One clock for all deadlines: a timer for each command would cost as much as the command.
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            now = loop.time()
            for caller in list(self._callers):
                caller.look(now, self._limits)


class _Caller(asyncio.BaseProtocol):
    """One connection from Asterisk."""

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
        self._since = loop.time()
        self._conversation = Conversation()
        self._session: Session | None = None
        self._runner: Runner | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio's in everything but the class.
        self._transport = cast(asyncio.Transport, transport)
        if not self._server.admit(self):
            self._transport.abort()

    def received(self, data: bytes) -> None:
        reply = self._conversation.known_reply(data)
        if reply is not None and self._runner is not None:
            self._runner.resume(reply)
            return
        try:
            events = self._conversation.feed(data)
        except Garbled as fault:
            self._server.counts["garbled"] += 1
            _log.warning("AGI: %s", fault)
            self.end()
            return
        for event in events:
            match event:
                case Reply():
                    if self._runner is not None:
                        self._runner.resume(event)
                case Request():
                    self._begin(event)
                case HangUp():
                    if self._session is not None:
                        self._session.leave()

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.dismiss(self)
        if self._session is not None:
            self._session.lose()

    @property
    def task(self) -> asyncio.Task[None] | None:
        return None if self._runner is None else self._runner.task

    def end(self) -> None:
        """Cuts the connection and the dialogue."""
        if self._transport is not None:
            self._transport.abort()
        if self.task is not None:
            self.task.cancel()

    def look(self, now: float, limits: Limits) -> None:
        """Ends what has taken too long."""
        session = self._session
        if session is None:
            if now - self._since > limits.request_s:
                self._server.counts["silent"] += 1
                self.end()
        elif now - self._since > limits.session_s:
            self._server.counts["too_long"] += 1
            self.end()
        else:
            session.look(now)

    def _begin(self, request: Request) -> None:
        assert self._transport is not None
        dialogue = self._server.dialogue_for(request)
        if dialogue is None:
            self._transport.close()
            return
        self._session = session = Session(request, self._transport.write, self._loop)
        self._runner = session.run(partial(self._hold, dialogue, session))

    async def _hold(self, dialogue: Dialogue, session: Session) -> None:
        assert self._transport is not None
        try:
            await dialogue(session)
        except HungUp:
            self._server.counts["hung_up"] += 1
        except Exception:
            self._server.counts["failed"] += 1
            _log.exception("the dialogue %s failed", session.request.dialogue)
        else:
            self._server.counts["done"] += 1
            if not session.hung_up:
                self._transport.write(_DONE)
        finally:
            self._transport.close()


class _StreamCaller(_Caller, asyncio.Protocol):
    data_received = _Caller.received


class _BufferedCaller(_Caller, asyncio.BufferedProtocol):
    def get_buffer(self, sizehint: int) -> memoryview:
        # One buffer for all callers: the loop fills it and calls buffer_updated before it asks again.
        return self._server.buffer

    def buffer_updated(self, nbytes: int) -> None:
        self.received(bytes(self._server.buffer[:nbytes]))
