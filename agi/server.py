"""The FastAGI server: a socket, limits, and one task for each call's dialogue.

Asterisk holds the caller's channel as long as we hold the connection (fact F8), so everything here ends: the
request after seconds, a command at its deadline, a session after minutes, all of them when the server closes.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final, cast

from msgspec import Struct

from pbx_bridge.core.errors import Garbled

from .protocol import Conversation, HangUp, Reply, Request, command, known_reply
from .runner import Runner
from .session import HungUp, Session
from .token import Gate

_log = logging.getLogger(__name__)

Dialogue = Callable[[Session], Coroutine[Any, Any, None]]

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
        self.heard: list[tuple[_Caller, bytes]] = []
        """What callers have sent and `take_up` has not yet looked at."""
        self._routes = dict(routes)
        self._gate = gate
        self._limits = limits if limits is not None else Limits()
        self._callers: set[_Caller] = set()
        self._runners: set[Runner] = set()
        self._idle: list[Runner] = []
        self._closing = False
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
        self._closing = True
        self._server.close()
        for runner in self._idle:
            runner.cancel()
        tasks = [runner.task for runner in self._runners]
        if tasks and grace_s > 0:
            await asyncio.wait(tasks, timeout=grace_s)
        self._looker.cancel()
        for caller in list(self._callers):
            caller.end()
        for runner in self._runners:
            runner.cancel()
        await asyncio.gather(self._looker, *tasks, return_exceptions=True)
        await self._server.wait_closed()

    def take_up(self) -> None:
        """Looks at what was heard in this turn of the loop, all at once: stepped one after another, dialogues cost 4 to
        9 % less than between two system calls each, which leave the processor's caches to the kernel."""
        heard = self.heard.copy()
        self.heard.clear()
        for caller, data in heard:
            try:
                caller.take(data)
            except Exception:
                self.counts["failed"] += 1
                _log.exception("AGI: a call failed")
                caller.end()

    def runner(self, loop: asyncio.AbstractEventLoop) -> Runner:
        """One that is free."""
        if self._idle:
            return self._idle.pop()
        runner = Runner(loop)
        self._runners.add(runner)
        return runner

    def release(self, runner: Runner) -> None:
        """Its dialogue is over."""
        if self._closing or runner.task.cancelling():
            self._runners.discard(runner)
            runner.cancel()
        else:
            self._idle.append(runner)

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
        return self._gate.judge(request.token, request.dialogue, request.uniqueid, time.time())

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

    __slots__ = ("_conversation", "_heard", "_loop", "_runner", "_server", "_session", "_since", "_transport")

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._heard = server.heard
        self._loop = loop
        self._since = loop.time()
        self._conversation = Conversation()
        self._session: Session | None = None
        self._runner: Runner | None = None
        """While the dialogue runs."""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio's in everything but the class.
        self._transport = cast(asyncio.Transport, transport)
        if not self._server.admit(self):
            self._transport.abort()

    def received(self, data: bytes) -> None:
        if not self._heard:
            self._loop.call_soon(self._server.take_up)
        self._heard.append((self, data))

    def take(self, data: bytes) -> None:
        if self._conversation.at_rest:
            reply = known_reply(data)
            if reply is not None:
                if self._runner is not None:
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

    def end(self) -> None:
        """Cuts the connection and the dialogue."""
        self._transport.abort()
        if self._runner is not None:
            self._runner.cancel()

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
            session.look(_LOOK_EVERY_S)

    def _begin(self, request: Request) -> None:
        dialogue = self._server.dialogue_for(request)
        if dialogue is None:
            self._transport.close()
            return
        self._runner = runner = self._server.runner(self._loop)
        self._session = session = Session(request, self._transport.write, runner)
        runner.begin(dialogue(session), self._over)

    def _over(self, error: BaseException | None) -> None:
        assert self._session is not None
        assert self._runner is not None
        if error is None:
            self._server.counts["done"] += 1
            if not self._session.hung_up:
                self._transport.write(_DONE)
        elif isinstance(error, HungUp):
            self._server.counts["hung_up"] += 1
        elif isinstance(error, Exception):
            self._server.counts["failed"] += 1
            _log.error("the dialogue %s failed", self._session.request.dialogue, exc_info=error)
        self._transport.close()
        self._session.leave()
        self._server.release(self._runner)
        self._runner = None


class _StreamCaller(_Caller, asyncio.Protocol):
    data_received = _Caller.received


class _BufferedCaller(_Caller, asyncio.BufferedProtocol):
    def get_buffer(self, sizehint: int) -> memoryview:
        # One buffer for all callers: the loop fills it and calls buffer_updated before it asks again.
        return self._server.buffer

    def buffer_updated(self, nbytes: int) -> None:
        self.received(bytes(self._server.buffer[:nbytes]))
