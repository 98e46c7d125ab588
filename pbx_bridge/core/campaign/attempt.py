"""One dial of one lead, from the Originate to its result."""

from typing import assert_never

from msgspec import Struct

from pbx_bridge.core.commands import Lead
from pbx_bridge.core.facts import AttemptResult, CallResult
from pbx_bridge.core.ids import AgentId, AttemptId, ChannelId, JobId, attempt_channel
from pbx_bridge.core.pacing import DialOutcome

CARRIER_CAUSES = frozenset({0, 34, 38, 41, 42, 44})
"""Q.850: none given, no circuit, out of order, temporary failure, congestion, no channel: the carrier, not the lead."""


class Dialing(Struct, frozen=True):
    pass


class Waiting(Struct, frozen=True):
    """The customer answered; `ready` when the dialplan holds the channel, so that it can be joined."""

    answered_at: float
    ready: bool


class Joining(Struct, frozen=True):
    answered_at: float
    agent: AgentId


class Talk(Struct, frozen=True):
    answered_at: float
    agent: AgentId
    at: float


class Gone(Struct, frozen=True):
    """Abandoned: the message plays."""

    answered_at: float


Phase = Dialing | Waiting | Joining | Talk | Gone


class Attempt(Struct):
    id: AttemptId
    job: JobId
    lead: Lead
    ordinal: int
    placed_at: float
    phase: Phase
    trimmed: bool = False
    asked: tuple[float, ...] = ()
    """What the model was asked about this lead when it was dialed."""

    @property
    def channel(self) -> ChannelId:
        return attempt_channel(self.id)


def unconnected(result: CallResult) -> AttemptResult:
    """A call nobody answered, as an attempt's result."""
    return "busy" if result == "busy" else "no_answer" if result == "no_answer" else "failed"


def heard(result: AttemptResult) -> DialOutcome:
    """What the pacer is told about a dial that ended while it rang."""
    match result:
        case "busy" | "no_answer" | "machine" | "trimmed":
            return result
        case "failed" | "lost" | "cancelled" | "abandoned" | "connected":
            return "failed"
        case _:
            assert_never(result)
