"""The board's rows as the API shows them: every field present, times as RFC 3339."""

from datetime import UTC, datetime
from typing import assert_never

from msgspec import Struct

from pbx_bridge.core.board import (
    AgentRow,
    CallRow,
    CenterRow,
    JobRow,
    NodeRow,
    RecordingNow,
    Row,
    Snapshot,
    TerminalRow,
)
from pbx_bridge.ports.alarms import Alarm


def when(epoch: float | None) -> datetime | None:
    return None if epoch is None else datetime.fromtimestamp(epoch, UTC)


class AgentView(Struct, frozen=True, tag_field="kind", tag="agent"):
    """`member` says whether they work in a center or a dial group."""

    id: str
    name: str
    login: str
    condition: str
    status: str
    since: datetime | None
    reason: str
    extension: str
    reachable: bool
    call: str
    other_party: str
    center: str
    job: str
    until: datetime | None
    pending: str
    hand_since: datetime | None
    recording: RecordingNow
    member: bool


class CenterView(Struct, frozen=True, tag_field="kind", tag="center"):
    """Counts are today's; `service_level` is the share of answered and abandoned that was answered in time."""

    id: str
    name: str
    extension: str
    waiting: int
    oldest_wait_since: datetime | None
    available: int
    talking: int
    wrap_up: int
    away: int
    answered: int
    abandoned: int
    within_service_level: int
    service_level: float | None
    abandoned_rate: float | None
    callbacks: int


class LiveCallView(Struct, frozen=True, tag_field="kind", tag="call"):
    id: str
    direction: str
    from_number: str
    to_number: str
    started_at: datetime | None
    center: str
    job: str
    agent: str
    state: str
    state_since: datetime | None
    position: int
    channel: str
    recorded: bool
    recording_paused: bool
    ended: bool


class JobView(Struct, frozen=True, tag_field="kind", tag="job"):
    """`limit` says why not one more number is dialed; `drop_rate` and `drop_cap` are shares of answered calls."""

    id: str
    name: str
    mode: str
    running: bool
    on_line: int
    waiting_agents: int
    ringing: int
    answered: int
    connected: int
    abandoned: int
    attempts: int
    drop_rate: float
    drop_cap: float
    limit: str
    dial_level: float
    explain: dict[str, float]


class TerminalView(Struct, frozen=True, tag_field="kind", tag="terminal"):
    id: str
    extension: str
    reachable: bool


class NodeView(Struct, frozen=True, tag_field="kind", tag="node"):
    id: str
    up: bool
    since: datetime | None
    reason: str


View = AgentView | CenterView | LiveCallView | JobView | TerminalView | NodeView


class LiveView(Struct, frozen=True, tag_field="type", tag="snapshot"):
    """The first message of `/api/v1/live`: everything at one moment."""

    seq: int
    at: datetime
    data_age_ms: int | None
    agents: list[AgentView]
    centers: list[CenterView]
    calls: list[LiveCallView]
    jobs: list[JobView]
    terminals: list[TerminalView]
    nodes: list[NodeView]


class DeltaView(Struct, frozen=True, tag_field="type", tag="delta"):
    """Every further message: the whole new row of one thing. `seq` grows by one with each change of the board."""

    seq: int
    kind: str
    row: View
    data_age_ms: int | None


class HeartbeatView(Struct, frozen=True, omit_defaults=True, tag_field="type", tag="heartbeat"):
    """Once a second: still here, and so old is what Asterisk last said."""

    at: datetime
    data_age_ms: int | None
    alarms: list[Alarm] = []
    """For those who see everything."""


def agent(row: AgentRow) -> AgentView:
    return AgentView(
        row.id,
        row.name,
        row.login,
        row.condition,
        row.status,
        when(row.since) if row.since else None,
        row.reason,
        row.extension,
        row.reachable,
        row.call,
        row.other_party,
        row.center,
        row.job,
        when(row.until),
        row.pending,
        when(row.hand_since),
        row.recording,
        row.member,
    )


def center(row: CenterRow) -> CenterView:
    handled = row.answered + row.abandoned
    return CenterView(
        row.id,
        row.name,
        row.extension,
        row.waiting,
        when(row.oldest_wait_since),
        row.available,
        row.talking,
        row.wrap_up,
        row.away,
        row.answered,
        row.abandoned,
        row.within_service_level,
        row.within_service_level / handled if handled else None,
        row.abandoned / handled if handled else None,
        row.callbacks,
    )


def call(row: CallRow) -> LiveCallView:
    return LiveCallView(
        row.id,
        row.direction,
        row.from_number,
        row.to_number,
        when(row.started_at),
        row.center,
        row.job,
        row.agent,
        row.state,
        when(row.state_since or row.started_at),
        row.position,
        row.channel,
        row.recorded,
        row.recording_paused,
        row.ended,
    )


def job(row: JobRow) -> JobView:
    return JobView(
        row.id,
        row.name,
        row.mode,
        row.running,
        row.on_line,
        row.waiting_agents,
        row.ringing,
        row.answered,
        row.connected,
        row.abandoned,
        row.attempts,
        row.drop_rate,
        row.drop_cap,
        row.limit,
        row.dial_level,
        row.explain,
    )


def terminal(row: TerminalRow) -> TerminalView:
    return TerminalView(row.id, row.extension, row.reachable)


def node(row: NodeRow) -> NodeView:
    return NodeView(row.id, row.up, when(row.since) if row.since else None, row.reason)


def view(row: Row) -> View:
    match row:
        case AgentRow():
            return agent(row)
        case CenterRow():
            return center(row)
        case CallRow():
            return call(row)
        case JobRow():
            return job(row)
        case TerminalRow():
            return terminal(row)
        case NodeRow():
            return node(row)
        case _:
            assert_never(row)


def live(snapshot: Snapshot, data_age_ms: int | None) -> LiveView:
    return LiveView(
        snapshot.seq,
        datetime.fromtimestamp(snapshot.at, UTC),
        data_age_ms,
        [agent(row) for row in snapshot.agents],
        [center(row) for row in snapshot.centers],
        [call(row) for row in snapshot.calls],
        [job(row) for row in snapshot.jobs],
        [terminal(row) for row in snapshot.terminals],
        [node(row) for row in snapshot.nodes],
    )


def only_own(whole: LiveView, agent_id: str) -> LiveView:
    """What an agent may see of the board: the own row, and whether anything is connected at all."""
    own = [row for row in whole.agents if row.id == agent_id]
    return LiveView(whole.seq, whole.at, whole.data_age_ms, own, [], [], [], [], whole.nodes)
