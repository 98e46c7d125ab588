"""What the pacer is shown, told and answers: plain values, seconds as floats of one monotonic clock."""

from collections.abc import Hashable, Mapping
from typing import Literal

import msgspec

Mode = Literal["progressive", "predictive", "multiplier"]
"""progressive: one dial an idle agent; multiplier: a fixed factor; predictive: as many as the risk allows."""

AgentState = Literal["idle", "talking", "wrap_up"]

DialOutcome = Literal["answered", "busy", "failed", "no_answer", "machine", "trimmed"]
"""`answered` is a person; `trimmed` a call that the pacer asked to hang up while it still rang."""

Limit = Literal[
    "agents",
    "risk",
    "cap",
    "cold_start",
    "shift_end",
    "multiplier",
    "channels",
    "cps",
    "list_empty",
]
"""What kept a decision from dialing one more number:

agents      every agent who could take an answer has a dial under way already, or nobody is working
risk        one more answer would too probably find nobody free
cap         the same, and the allowance of abandoned calls is (nearly) spent
cold_start  too few calls seen to forecast; one dial an idle agent until then
shift_end   too close to the shift's end to bet on agents becoming free
multiplier  the hand-set factor is reached
channels    no free channel to the carrier
cps         the carrier's calls per second
list_empty  no lead left to dial
"""

DEFAULT_WINDOWS = (86_400.0, 2_592_000.0)


class Policy(msgspec.Struct, frozen=True):
    """What a campaign asks of its pacer.

    cap: greatest share of answered calls that may find no agent (16 CFR 310.4(b)(4): 0.03).
    windows: seconds over which the cap holds, each by itself. grace: seconds from answer to agent.
    ring_timeout: seconds after which the dialer gives up. minimum_ring: seconds before which no call is hung up.
    multiplier: dials an idle agent in multiplier mode. trim: may ringing calls be hung up.
    """

    mode: Mode = "predictive"
    cap: float = 0.03
    windows: tuple[float, ...] = DEFAULT_WINDOWS
    grace: float = 2.0
    ring_timeout: float = 25.0
    minimum_ring: float = 15.0
    multiplier: float = 1.0
    trim: bool = True
    prior_answer_probability: float = 0.3


class AgentView(msgspec.Struct, frozen=True):
    """One agent at work; `since` is when the state began, `leaving` that no further call may be given."""

    state: AgentState
    since: float
    leaving: bool = False


class DialView(msgspec.Struct, frozen=True):
    """One number that is being dialed. `answer_probability`: as believed when it was placed, or None."""

    id: Hashable
    placed_at: float
    answer_probability: float | None = None


class WaitingView(msgspec.Struct, frozen=True):
    """One answered call that waits for an agent, not yet counted as dropped."""

    id: Hashable
    answered_at: float


class LeadView(msgspec.Struct, frozen=True):
    """One number that may be dialed next."""

    id: Hashable
    answer_probability: float | None = None


class Snapshot(msgspec.Struct, frozen=True):
    """The campaign at this moment.

    ledger: (answers, drops) of each of the policy's windows, drops among the answers; empty: the pacer's own count.
    hopper: the next leads in list order; empty: the decision is a number only.
    free_channels, calls_per_second, leads_left: None means unlimited.
    """

    agents: tuple[AgentView, ...] | list[AgentView]
    dials: tuple[DialView, ...] | list[DialView] = ()
    waiting: tuple[WaitingView, ...] | list[WaitingView] = ()
    ledger: tuple[tuple[int, int], ...] | list[tuple[int, int]] = ()
    hopper: tuple[LeadView, ...] | list[LeadView] = ()
    shift_ends_at: float | None = None
    free_channels: int | None = None
    calls_per_second: float | None = None
    leads_left: int | None = None


class Decision(msgspec.Struct, frozen=True):
    """How many numbers to dial now, which leads in which order, whom to hang up, what bound it, and why in numbers.

    ask_again_at: when the answer may be another though nothing happens until then (a call may be hung up), or None.
    """

    dials: int
    leads: tuple[Hashable, ...]
    hang_up: tuple[Hashable, ...]
    limit: Limit
    explain: Mapping[str, float]
    ask_again_at: float | None = None


class DialResolved(msgspec.Struct, frozen=True):
    """A dial stopped ringing, however it ended."""

    id: Hashable
    outcome: DialOutcome
    placed_at: float
    at: float


class Connected(msgspec.Struct, frozen=True):
    """An answered call has met its agent."""

    id: Hashable
    answered_at: float
    at: float


class Dropped(msgspec.Struct, frozen=True):
    """An answered call found no agent within the grace."""

    id: Hashable
    at: float


class TalkEnded(msgspec.Struct, frozen=True):
    """A conversation of `seconds` ended."""

    seconds: float
    at: float


class WrapUpEnded(msgspec.Struct, frozen=True):
    """After-call work of `seconds` ended."""

    seconds: float
    at: float


Event = DialResolved | Connected | Dropped | TalkEnded | WrapUpEnded


class BadPacingInput(ValueError):
    """A policy, snapshot, event or saved state that cannot be: the text names the field. Nothing was changed."""
