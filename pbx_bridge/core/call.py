"""One call and one leg of it, and what becomes of a dial nobody answers."""

from typing import Literal

from msgspec import Struct, field

from .facts import CallReason, CallResult, Direction
from .ids import AgentId, AttemptId, BootId, BridgeId, CallId, CenterId, ChannelId, JobId, LeadId

DIAL_RESULTS: dict[str, CallResult] = {
    "BUSY": "busy",
    "NOANSWER": "no_answer",
    "CANCEL": "no_answer",
    "CONGESTION": "failed",
    "CHANUNAVAIL": "failed",
}
"""DialEnd's DialStatus as a call's result."""

CAUSE_RESULTS: dict[int, CallResult] = {16: "no_answer", 17: "busy", 18: "no_answer", 19: "no_answer", 0: "failed"}
"""ITU-T Q.850 causes of a call nobody answered; every other cause is a failure."""
CALL_REJECTED = 21
"""Q.850: somebody was there and declined. Asterisk's dial status says NOANSWER all the same."""


class Channel(Struct):
    """One leg as it is now. `dialing` while it waits for somebody it called, `dialed` while it was called and has not
    met anybody yet, `held` while it holds the other side; `call` is where it belongs."""

    id: ChannelId
    name: str
    context: str
    number: str
    state: str
    call: CallId
    endpoint: str = ""
    bridge: BridgeId | None = None
    dialing: bool = False
    dialed: bool = False
    held: bool = False
    consulted: bool = False
    """Talks with somebody through a wire (`consultations`), as no bridge shows."""


class Call(Struct):
    """A call as it is now. Without `direction` it is not a call for anybody yet (a dial code, an open line)."""

    id: CallId
    channel: ChannelId
    boot: BootId
    started_at: float
    from_number: str
    to_number: str
    context: str = ""
    """Where its first channel began."""
    direction: Direction | None = None
    center: CenterId | None = None
    """Whose caller it is; of an outgoing call, in whose name the agent calls."""
    job: JobId | None = None
    attempt: AttemptId | None = None
    placed_by: AgentId | None = None
    reason: CallReason = ""
    agent: AgentId | None = None
    queued_at: float | None = None
    left_queue_at: float | None = None
    handed_over_by: ChannelId | None = None
    """The last channel that transferred it: a channel does so once."""
    handed_over: ChannelId | None = None
    """The channel that was sent on by the last blind transfer."""
    handed_to: str = ""
    """Where the last blind transfer went, as it was dialed."""
    partner: str = ""
    """Extension or number of whom the other party talks with, or last did; `agent` when somebody is signed in there."""
    answered_at: float | None = None
    answered: bool = False
    dial_status: str = ""
    ended_by: Literal["", "customer", "agent"] = ""
    turned_away: str = ""
    """Why the center did not take it (`treatment.Why`), the last time."""
    promised: bool = False
    """The caller asked to be called or left a message: they are owed a call."""
    recorder: ChannelId | None = None
    """The channel MixMonitor runs on."""
    paused_until: float | None = None
    """When the paused recording goes on by itself."""
    channels: set[ChannelId] = field(default_factory=set)


class Promise(Struct, frozen=True):
    """The attempt that a dial of a campaign's customer is."""

    attempt: AttemptId
    job: JobId
    lead: LeadId


class Dial(Struct):
    """A call that the bridge places for an agent, from the command to the hang-up of the agent's leg, `channel`."""

    channel: ChannelId
    agent: AgentId
    number: str
    shown: str
    """What the customer sees as the caller's number."""
    reason: CallReason
    placed_at: float
    center: CenterId | None = None
    """In whose name."""
    promise: Promise | None = None
    met: bool = False


def endpoint_of(channel: str) -> str:
    """`PJSIP/1001-0000002a` → `1001`; empty for other technologies."""
    technology, _, rest = channel.partition("/")
    return rest.rpartition("-")[0] if technology == "PJSIP" else ""


def is_wire(channel: str) -> bool:
    """One half of a Local channel, by which app_queue rings a phone that is asked first: nobody's leg of a call."""
    return channel.startswith("Local/")


def wire_of(half: str) -> str:
    """What both halves' names begin with: `Local/0901234@pbx-ask-first-0000002a;1` without its `;1`."""
    return half.rpartition(";")[0]


def unanswered_result(dial_status: str, cause: int) -> CallResult:
    """What became of a dial nobody answered: Asterisk's dial status where it gave one, else the hang-up cause.

    Who declines is busy: they did not let it ring out, and are tried again as such.
    """
    if cause == CALL_REJECTED and dial_status in ("NOANSWER", ""):
        return "busy"
    return DIAL_RESULTS.get(dial_status) or CAUSE_RESULTS.get(cause, "failed")
