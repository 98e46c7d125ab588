"""What it means. Facts are written to the database first and shown afterwards; times are epoch seconds (UTC)."""

from typing import Literal

from msgspec import Struct

from .ids import AgentId, AttemptId, BootId, CallId, CenterId, ChannelId, JobId, LeadId, NodeId, TerminalId

Direction = Literal["inbound", "outbound", "campaign", "internal"]
Source = Literal["phone", "web", "supervisor", "system", "api"]
CallReason = Literal["", "callback", "redial"]
"""Why the bridge placed a call for an agent; empty for every other call."""
CallResult = Literal["answered", "abandoned", "callback", "closed", "busy", "no_answer", "failed", "lost"]
"""callback: the caller asked for a call or left a message. closed: outside the center's hours nobody was to answer."""
EndedBy = Literal["customer", "agent", "system", "unknown"]
AttemptResult = Literal[
    "connected", "abandoned", "busy", "no_answer", "failed", "machine", "trimmed", "cancelled", "lost"
]
Condition = Literal["logged_off", "available", "ringing", "talking", "outgoing", "wrap_up", "paused"]


class CallStarted(Struct, frozen=True, tag=True):
    call: CallId
    node: NodeId
    boot: BootId
    channel: ChannelId
    at: float
    direction: Direction
    from_number: str
    to_number: str
    center: CenterId | None = None
    job: JobId | None = None
    attempt: AttemptId | None = None
    agent: AgentId | None = None
    """The agent who placed it, when one did."""
    reason: CallReason = ""


class CallEvent(Struct, frozen=True, tag=True):
    """A step of a call's story that changes nothing else: queued, offered, refused, held, resumed, left_queue …"""

    call: CallId
    at: float
    kind: Literal[
        "queued",
        "offered",
        "not_taken",
        "left_queue",
        "held",
        "resumed",
        "ringing",
        "message",
        "monitored",
        "unmonitored",
        "joined",
        "recording_paused",
        "recording_resumed",
        "turned_away",
        "callback_offered",
        "callback_asked",
        "message_left",
    ]
    center: CenterId | None = None
    agent: AgentId | None = None
    detail: str = ""


class CallAnswered(Struct, frozen=True, tag=True):
    """A customer and an agent (or two extensions) hear one another from now on."""

    call: CallId
    at: float
    agent: AgentId | None
    terminal: TerminalId | None = None
    waited: float = 0.0
    """Seconds the customer waited in the queue, or for an agent after answering a campaign's call."""


class CallTransferred(Struct, frozen=True, tag=True):
    call: CallId
    at: float
    kind: Literal["blind", "attended"]
    to: str
    agent: AgentId | None


class CallRecorded(Struct, frozen=True, tag=True):
    """MixMonitor writes `path` (below the spool directory) from now on."""

    call: CallId
    at: float
    path: str


class CallEnded(Struct, frozen=True, tag=True):
    """The one last word on a call. `lost`: we were not there; the journal files tell the rest."""

    call: CallId
    at: float
    result: CallResult
    cause: int = 0
    ended_by: EndedBy = "unknown"


class SignedIn(Struct, frozen=True, tag=True):
    agent: AgentId
    terminal: TerminalId
    at: float
    source: Source


class SignedOut(Struct, frozen=True, tag=True):
    agent: AgentId
    terminal: TerminalId
    at: float
    source: Source
    reason: str = ""


class AgentChanged(Struct, frozen=True, tag=True):
    """A new interval begins and the one before it ends: the whole of the agent's new state."""

    agent: AgentId
    at: float
    condition: Condition
    status: str
    """The chosen status (`available`, `break` …) that holds beneath ringing and talking."""
    reason: str
    source: Source
    terminal: TerminalId | None = None
    call: CallId | None = None
    job: JobId | None = None
    until: float | None = None
    """When wrap-up ends by itself."""
    pending: str = ""
    """A status asked for while talking, which takes effect at hang-up."""


class AgentCorrected(Struct, frozen=True, tag=True):
    """Seeding found Asterisk and our belief apart; what we believed and what was so."""

    agent: AgentId
    at: float
    believed: str
    found: str


class HandRaised(Struct, frozen=True, tag=True):
    agent: AgentId
    at: float
    up: bool


class TerminalReachable(Struct, frozen=True, tag=True):
    terminal: TerminalId
    at: float
    reachable: bool


class CallbacksOwed(Struct, frozen=True, tag=True):
    """How many callers a center owes a call now."""

    center: CenterId
    count: int


class LineOpened(Struct, frozen=True, tag=True):
    """An agent's open line is up: from now on customers of `job` may arrive on it."""

    agent: AgentId
    job: JobId
    at: float


class LineClosed(Struct, frozen=True, tag=True):
    agent: AgentId
    job: JobId
    at: float


class JobStarted(Struct, frozen=True, tag=True):
    job: JobId
    at: float
    by: AgentId | None


class JobStopped(Struct, frozen=True, tag=True):
    job: JobId
    at: float
    by: AgentId | None


class AttemptPlaced(Struct, frozen=True, tag=True):
    """Committed before the Originate is sent. The database refuses a second open attempt of a lead."""

    attempt: AttemptId
    job: JobId
    lead: LeadId
    number: str
    ordinal: int
    at: float
    answer_probability: float | None = None
    by_hand: bool = False
    """An agent dials a promised redial: no claim precedes it, and the drop rate does not count it."""


class AttemptAnswered(Struct, frozen=True, tag=True):
    attempt: AttemptId
    at: float


class AttemptConnected(Struct, frozen=True, tag=True):
    attempt: AttemptId
    at: float
    agent: AgentId
    waited: float
    """Seconds from SIP answer to the bridge with the agent."""


class AttemptEnded(Struct, frozen=True, tag=True):
    """`retry_at` None: this lead is done (or used up)."""

    attempt: AttemptId
    job: JobId
    lead: LeadId
    at: float
    result: AttemptResult
    cause: int = 0
    retry_at: float | None = None
    charged: bool = True
    """False when the dial never reached anybody's phone: it does not count against the lead."""


class LeadReleased(Struct, frozen=True, tag=True):
    """A claimed lead goes back undialed: outside its calling window, or because the job stopped."""

    job: JobId
    lead: LeadId
    at: float
    retry_at: float


class PacerDecided(Struct, frozen=True, tag=True):
    """Why the job dials or does not, kept whenever the answer changes, with the numbers behind it."""

    job: JobId
    at: float
    dials: int
    limit: str
    explain: dict[str, float]


class PacerKept(Struct, frozen=True, tag=True):
    """The pacer's estimators as JSON, kept now and then so that they survive a restart."""

    job: JobId
    at: float
    state: bytes


class AsteriskSeen(Struct, frozen=True, tag=True):
    """The link is up and seeded, or down."""

    node: NodeId
    at: float
    up: bool
    boot: BootId | None = None
    reason: str = ""


Fact = (
    CallStarted
    | CallEvent
    | CallAnswered
    | CallTransferred
    | CallRecorded
    | CallEnded
    | SignedIn
    | SignedOut
    | AgentChanged
    | AgentCorrected
    | HandRaised
    | TerminalReachable
    | CallbacksOwed
    | LineOpened
    | LineClosed
    | JobStarted
    | JobStopped
    | AttemptPlaced
    | AttemptAnswered
    | AttemptConnected
    | AttemptEnded
    | LeadReleased
    | PacerDecided
    | PacerKept
    | AsteriskSeen
)
