"""Histories as pages. Periods are half-open `[since, until)`; a cursor is opaque and stays right while rows arrive."""

from datetime import datetime
from typing import Generic, Literal, Protocol, TypeVar

from msgspec import Struct

from pbx_bridge.core.facts import CallReason, CallResult, Direction, Source
from pbx_bridge.core.ids import AgentId, CallId, CenterId

T = TypeVar("T")


class BadCursor(ValueError):
    """A cursor that no page ever gave."""


class Page(Struct, Generic[T], frozen=True):
    """`older` and `newer` are cursors, None at the end of the list."""

    rows: list[T]
    older: str | None
    newer: str | None


class CallFilter(Struct, frozen=True):
    since: datetime | None = None
    until: datetime | None = None
    agent: AgentId | None = None
    center: CenterId | None = None
    number: str = ""
    """A prefix of the other party's number."""
    direction: Direction | None = None
    result: CallResult | None = None
    min_seconds: float | None = None
    min_talk_share: float | None = None
    """Of a playable recording, 0 to 1: the agent talks at least so much of it."""
    max_silence_share: float | None = None
    """Of a playable recording, 0 to 1: nobody talks at most so much of it."""


class CallRecord(Struct, frozen=True):
    id: CallId
    direction: Direction
    from_number: str
    to_number: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    result: CallResult | None
    """None while the call lives."""
    waited_seconds: float | None
    talked_seconds: float | None
    center: str | None
    campaign: str | None
    agent: str | None
    agent_id: AgentId | None
    memo: str
    has_recording: bool
    reason: CallReason = ""
    """Why an agent placed it from a list; empty for every other call."""


class CallStep(Struct, frozen=True):
    at: datetime
    kind: str
    agent: str | None
    detail: str


RecordingState = Literal["recording", "spooled", "ready", "failed", "expired"]


class RecordingRecord(Struct, frozen=True):
    call: CallId
    state: RecordingState
    path: str
    """Below the vault."""
    started_at: datetime
    seconds: float | None
    rate: int
    channels: int
    bytes: int | None
    flags: list[str]
    legal_hold: bool = False
    """Not deleted, however old."""


class Talk(Struct, frozen=True):
    """Who had a call for a while, without the time in which a transfer rang."""

    agent_id: AgentId | None
    agent: str | None
    number: str
    """Extension or outside number, where it is known."""
    since: datetime
    seconds: float
    """Until now while it lasts."""


class CallStory(Struct, frozen=True):
    call: CallRecord
    steps: list[CallStep]
    recording: RecordingRecord | None
    talks: list[Talk] = []
    """In order; more than one when it was transferred."""

    @property
    def sound_begins(self) -> float:
        """Where the recording begins in the call, in seconds: MixMonitor's option `b` writes only while the call is
        bridged, so that a recorder set up on arrival is silent until the answer."""
        if self.recording is None:
            return 0.0
        begun = max(self.recording.started_at, self.call.answered_at or self.call.started_at)
        return (begun - self.call.started_at).total_seconds()

    def belongs_to(self, agent: AgentId) -> bool:
        """Whether they placed it, answered it or were given it."""
        return self.call.agent_id == agent or any(talk.agent_id == agent for talk in self.talks)


class CdrRecord(Struct, frozen=True):
    """Asterisk's own record of one channel pair (発着信履歴)."""

    id: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime
    src: str
    dst: str
    dialed: str
    """The number a campaign dialed, else `dst`."""
    channel: str
    dst_channel: str
    context: str
    duration: int
    billsec: int
    disposition: str
    uniqueid: str
    linkedid: str


class ActivityRecord(Struct, frozen=True):
    """One status interval of an agent."""

    id: str
    agent: str
    condition: str
    status: str
    reason: str
    source: str
    extension: str
    call: CallId | None
    since: datetime
    until: datetime | None


class LoginRecord(Struct, frozen=True):
    id: str
    at: datetime
    kind: Source
    """Through what; of a person's own sign-in to the pages `web`, of an agent's to a terminal whatever did it."""
    what: Literal["signed_in", "signed_out", "failed", "locked"]
    account: str
    origin: str
    """Address or extension."""


class AuditRecord(Struct, frozen=True):
    id: str
    at: datetime
    actor: str
    act: str
    target: str
    origin: str
    detail: dict[str, str]


class Histories(Protocol):
    """`cursor` None is the newest page; `limit` rows at most. Every page raises `BadCursor`."""

    async def calls(self, where: CallFilter, cursor: str | None, limit: int) -> Page[CallRecord]: ...
    async def call(self, id: CallId) -> CallStory | None: ...
    async def set_memo(self, id: CallId, memo: str) -> bool: ...
    async def cdr(
        self, since: datetime | None, until: datetime | None, number: str, cursor: str | None, limit: int
    ) -> Page[CdrRecord]: ...
    async def activity(
        self, agent: AgentId | None, since: datetime | None, until: datetime | None, cursor: str | None, limit: int
    ) -> Page[ActivityRecord]: ...
    async def logins(
        self, account: AgentId | None, since: datetime | None, until: datetime | None, cursor: str | None, limit: int
    ) -> Page[LoginRecord]: ...
    async def audit(
        self, since: datetime | None, until: datetime | None, cursor: str | None, limit: int
    ) -> Page[AuditRecord]: ...
