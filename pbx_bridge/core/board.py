"""The live board: facts become the rows people look at, each change a numbered delta.

Pure. Whoever holds a `Board` can give a newcomer `snapshot()` and afterwards only deltas: a delta is the whole new row
of one entity, so applying one twice does no harm.
"""

from typing import Literal

from msgspec import Struct

from .facts import Condition
from .recovery import CallState

Kind = Literal["agent", "center", "call", "job", "terminal", "node"]
RecordingNow = Literal["", "on", "paused"]
"""Whether a live call is recorded at this moment; empty: it has no recorder."""


class AgentRow(Struct, omit_defaults=True):
    id: str
    name: str
    login: str
    condition: Condition = "logged_off"
    status: str = "logged_off"
    since: float = 0.0
    reason: str = ""
    extension: str = ""
    reachable: bool = True
    call: str = ""
    other_party: str = ""
    center: str = ""
    job: str = ""
    until: float | None = None
    pending: str = ""
    hand_since: float | None = None
    recording: RecordingNow = ""
    """Of the agent's call."""
    member: bool = False
    """Works in a center or a dial group. Who does not (a supervisor with agent use) is no agent on the floor."""


class CenterRow(Struct, omit_defaults=True):
    id: str
    name: str
    extension: str
    waiting: int = 0
    oldest_wait_since: float | None = None
    available: int = 0
    talking: int = 0
    wrap_up: int = 0
    away: int = 0
    answered: int = 0
    abandoned: int = 0
    within_service_level: int = 0
    callbacks: int = 0


class CallRow(Struct, omit_defaults=True):
    """A live call; `ended` in a delta means: take the row away."""

    id: str
    direction: str
    from_number: str
    to_number: str
    started_at: float
    center: str = ""
    job: str = ""
    agent: str = ""
    state: CallState = "ringing"
    state_since: float = 0.0
    position: int = 0
    channel: str = ""
    recorded: bool = False
    recording_paused: bool = False
    ended: bool = False


class JobRow(Struct, omit_defaults=True):
    id: str
    name: str
    mode: str
    running: bool = False
    on_line: int = 0
    waiting_agents: int = 0
    ringing: int = 0
    answered: int = 0
    connected: int = 0
    abandoned: int = 0
    attempts: int = 0
    drop_rate: float = 0.0
    drop_cap: float = 0.03
    limit: str = ""
    dial_level: float = 0.0
    explain: dict[str, float] = {}


class TerminalRow(Struct, omit_defaults=True):
    id: str
    extension: str
    reachable: bool = False


class NodeRow(Struct, omit_defaults=True):
    id: str
    up: bool = False
    since: float = 0.0
    reason: str = ""


Row = AgentRow | CenterRow | CallRow | JobRow | TerminalRow | NodeRow


class Delta(Struct, frozen=True):
    """`seq` counts every change of one board; a gap tells a browser to ask for a snapshot."""

    seq: int
    kind: Kind
    row: Row


class Snapshot(Struct, frozen=True):
    seq: int
    at: float
    agents: list[AgentRow]
    centers: list[CenterRow]
    calls: list[CallRow]
    jobs: list[JobRow]
    terminals: list[TerminalRow]
    nodes: list[NodeRow]
