"""The board that obeys, and the alarms."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

from msgspec.structs import replace

from pbx_bridge.core.board import (
    AgentRow,
    CallRow,
    CenterRow,
    Delta,
    JobRow,
    Kind,
    NodeRow,
    Row,
    Snapshot,
    TerminalRow,
)
from pbx_bridge.core.commands import (
    ChangeStatus,
    Command,
    HangUpChannel,
    JoinJob,
    LeaveJob,
    PauseRecording,
    SignIn,
    SignOut,
    StartJob,
    StopJob,
)
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.ids import AgentId, JobId
from pbx_bridge.ports.alarms import Alarm
from pbx_bridge.ports.engine import Live
from web.context import WebPorts

R = TypeVar("R", bound=Row)


class EngineTwin:
    """A board that obeys; `change` is what Asterisk would have done."""

    def __init__(self, rows: dict[Kind, list[Row]]) -> None:
        self.rows: dict[tuple[Kind, str], Row] = {(kind, row.id): row for kind, all_ in rows.items() for row in all_}
        self.seq = 0
        self.age_ms: int | None = 120
        self.submitted: list[Command] = []
        self.refuses: Refused | None = None
        self._readers: set[asyncio.Queue[Delta | None]] = set()

    def change(self, kind: Kind, row: Row) -> None:
        self.seq += 1
        if getattr(row, "ended", False):
            self.rows.pop((kind, row.id), None)
        else:
            self.rows[(kind, row.id)] = row
        for reader in self._readers:
            reader.put_nowait(Delta(self.seq, kind, row))

    def cut_readers(self) -> None:
        for reader in self._readers:
            reader.put_nowait(None)

    async def submit(self, command: Command) -> None:
        self.submitted.append(command)
        if self.refuses is not None:
            raise self.refuses
        await asyncio.sleep(0)
        match command:
            case ChangeStatus(agent, status, _):
                condition = status if status in ("available", "wrap_up") else "paused"
                self._agent(agent, condition=condition, status=status, since=time.time(), until=None)
            case SignIn(agent, _, _):
                self._agent(agent, condition="available", status="available", since=time.time())
            case SignOut(agent, _):
                self._agent(agent, condition="logged_off", status="logged_off", since=time.time(), hand_since=None)
            case StartJob(job, _):
                self._run(job, True)
            case StopJob(job, _):
                self._run(job, False)
            case HangUpChannel(channel):
                for row in list(self.rows.values()):
                    if getattr(row, "channel", None) == channel:
                        self.change("call", replace(row, ended=True))
            case JoinJob(agent, job):
                self._agent(agent, condition="available", job=str(job), since=time.time())
            case LeaveJob(agent):
                self._agent(agent, job="")
            case PauseRecording(call, pause=pause):
                for row in self._all(AgentRow):
                    if row.call == call:
                        self.change("agent", replace(row, recording="paused" if pause else "on"))
            case _:
                pass

    def _agent(self, agent: AgentId, **changes: object) -> None:
        row = self.rows[("agent", str(agent))]
        self.change("agent", replace(row, **changes))

    def _run(self, job: JobId, running: bool) -> None:
        row = self.rows.get(("job", str(job)))
        if row is not None:
            self.change("job", replace(row, running=running, limit="agents" if running else "stopped"))

    def _all(self, type_: type[R]) -> list[R]:
        return [row for row in self.rows.values() if isinstance(row, type_)]

    def snapshot(self) -> Snapshot:
        return Snapshot(
            self.seq,
            time.time(),
            self._all(AgentRow),
            self._all(CenterRow),
            self._all(CallRow),
            self._all(JobRow),
            self._all(TerminalRow),
            self._all(NodeRow),
        )

    def subscribe(self) -> AbstractAsyncContextManager[Live]:
        return self._subscribe()

    @asynccontextmanager
    async def _subscribe(self) -> AsyncIterator[Live]:
        queue: asyncio.Queue[Delta | None] = asyncio.Queue()
        self._readers.add(queue)

        async def deltas() -> AsyncIterator[Delta]:
            while (delta := await queue.get()) is not None:
                yield delta

        try:
            yield Live(self.snapshot(), deltas())
        finally:
            self._readers.discard(queue)

    def data_age_ms(self) -> int | None:
        return self.age_ms


def engine_of(twins: WebPorts) -> EngineTwin:
    assert isinstance(twins.engine, EngineTwin)
    return twins.engine


class AlarmsTwin:
    def __init__(self) -> None:
        self.now: list[Alarm] = []

    def __call__(self) -> list[Alarm]:
        return list(self.now)
