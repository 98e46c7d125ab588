"""What the database still believed when the bridge started: the switchboard is given it before the first seed."""

from typing import Literal

from msgspec import Struct

from .facts import Condition, Direction
from .ids import AgentId, AttemptId, BootId, CallId, CenterId, ChannelId, JobId, LeadId, TerminalId

CallState = Literal["ringing", "waiting", "talking", "held"]
"""What the other party of a live call does: held and waiting, they hear music."""


class EndedCall(Struct, frozen=True):
    """Of a call that Asterisk's books say is over: when, and whose wrap-up it asks for."""

    at: float
    center: CenterId | None = None
    job: JobId | None = None


class SignedInAgent(Struct, frozen=True):
    agent: AgentId
    terminal: TerminalId
    status: str
    since: float
    wrap_up_until: float | None = None
    job: JobId | None = None
    """The job whose open line the agent was on."""
    condition: Condition = "available"
    reason: str = ""
    call: CallId | None = None
    """The one that rang, was talked, or is written up."""
    pending: str = ""
    ended: EndedCall | None = None
    """`call`, when the agent was still with it as far as anybody knew."""


class OpenCall(Struct, frozen=True):
    call: CallId
    boot: BootId
    channel: ChannelId
    direction: Direction
    started_at: float
    answered: bool
    center: CenterId | None
    job: JobId | None
    attempt: AttemptId | None
    agent: AgentId | None
    from_number: str = ""
    to_number: str = ""
    promised: bool = False
    """The caller asked to be called or left a message."""
    recorder: ChannelId | None = None
    """The channel MixMonitor runs on, when the call is recorded."""
    talks_with: AgentId | None = None
    """Who has it now, when somebody joined after `agent` answered; `partner` is their extension or number."""
    partner: str = ""
    paused_at: float | None = None
    """When its recording was paused, if it still is."""
    state: CallState = "ringing"
    state_since: float = 0.0
    position: int = 0
    """In the queue, when it came there."""


class OpenAttempt(Struct, frozen=True):
    attempt: AttemptId
    job: JobId
    lead: LeadId
    number: str
    ordinal: int
    placed_at: float
    answered_at: float | None
    connected_at: float | None = None
    agent: AgentId | None = None
    """Whom the customer was put through to."""


class CenterTotals(Struct, frozen=True):
    """Today's numbers of a center, so that the live page does not start the day again after a restart."""

    center: CenterId
    answered: int
    abandoned: int
    within_service_level: int


class JobMemory(Struct, frozen=True):
    """A job as it was left.

    `ledger`: (bucket, answers, drops) of five-minute buckets (epoch seconds // 300), oldest first, over 30 days,
    counted from the attempts themselves; `state` is the pacer's own, `results` counts today's ended attempts.
    """

    job: JobId
    running: bool
    ledger: tuple[tuple[int, int, int], ...]
    state: bytes | None
    results: dict[str, int] = {}


class Recovery(Struct, frozen=True):
    agents: tuple[SignedInAgent, ...] = ()
    calls: tuple[OpenCall, ...] = ()
    attempts: tuple[OpenAttempt, ...] = ()
    totals: tuple[CenterTotals, ...] = ()
    jobs: tuple[JobMemory, ...] = ()
