"""What somebody wants. Decided by the switchboard: done, or `Refused` with a stable id."""

from msgspec import Struct

from .directory import Directory
from .facts import AttemptResult, CallReason, Source
from .ids import AgentId, AttemptId, CallId, CenterId, ChannelId, JobId, LeadId, TerminalId


class SignIn(Struct, frozen=True, tag=True):
    """Credentials are already proven. Ends available; an earlier terminal of the agent is released."""

    agent: AgentId
    terminal: TerminalId
    source: Source


class SignOut(Struct, frozen=True, tag=True):
    """During a call it takes effect at hang-up."""

    agent: AgentId
    source: Source


class ChangeStatus(Struct, frozen=True, tag=True):
    """`status` is a key of the directory's statuses. While talking it takes effect at hang-up."""

    agent: AgentId
    status: str
    source: Source


class RaiseHand(Struct, frozen=True, tag=True):
    """`up` None toggles."""

    agent: AgentId
    up: bool | None = None


class StartJob(Struct, frozen=True, tag=True):
    """The administrator's level: the job may dial."""

    job: JobId
    by: AgentId | None = None


class StopJob(Struct, frozen=True, tag=True):
    job: JobId
    by: AgentId | None = None


class JoinJob(Struct, frozen=True, tag=True):
    """The agent's level: `channel` is the agent's own call, which stays up as the open line.

    Without one (from the web) the bridge rings the sign-in terminal.
    """

    agent: AgentId
    job: JobId
    channel: ChannelId | None = None


class LeaveJob(Struct, frozen=True, tag=True):
    """Takes effect after the customer of the moment."""

    agent: AgentId


class Lead(Struct, frozen=True):
    """A claimed lead in a job's hopper; `zone` an IANA time zone.

    `attempts` counts every attempt row of the lead, uncharged ones too: the next one's ordinal is one more. `charged`
    counts those that the rule's `max_attempts` is about.
    """

    id: LeadId
    number: str
    zone: str
    attempts: int = 0
    charged: int = 0
    today: int = 0
    last_result: AttemptResult | None = None
    last_at: float | None = None
    """When the last attempt was placed, epoch seconds."""
    answer_probability: float | None = None


class PlaceCall(Struct, frozen=True, tag=True):
    """Ring the agent's terminal and then call `number`. In the name of a center, or of a job
    whose `lead` it is; their number is shown. The rules about the lead are already asked."""

    agent: AgentId
    number: str
    reason: CallReason
    center: CenterId | None = None
    job: JobId | None = None
    lead: Lead | None = None


class LeadsClaimed(Struct, frozen=True, tag=True):
    """The answer to `ClaimLeads`; none at all means that the list has nothing to dial now."""

    job: JobId
    leads: tuple[Lead, ...]


class JoinFailed(Struct, frozen=True, tag=True):
    """AMI Bridge was refused: the customer or the line had gone."""

    attempt: AttemptId
    detail: str


class OriginateFailed(Struct, frozen=True, tag=True):
    """The Originate was not sent, or was refused at once. `unknown`: it may have been carried out."""

    attempt: AttemptId
    detail: str
    unknown: bool


class LineFailed(Struct, frozen=True, tag=True):
    """The agent's phone could not be rung, or was not answered."""

    channel: ChannelId
    detail: str


class PauseRecording(Struct, frozen=True, tag=True):
    """While paused the recording holds silence. `pause` None toggles; it resumes by itself after a set time."""

    call: CallId
    source: Source
    agent: AgentId | None = None
    pause: bool | None = None


class HangUpChannel(Struct, frozen=True, tag=True):
    channel: ChannelId


class CountCallbacks(Struct, frozen=True, tag=True):
    """The callback list, counted: it is made in the database, by whoever ends a call."""

    owed: tuple[tuple[CenterId, int], ...]


class Reconfigure(Struct, frozen=True, tag=True):
    directory: Directory


Command = (
    SignIn
    | SignOut
    | ChangeStatus
    | RaiseHand
    | StartJob
    | StopJob
    | JoinJob
    | LeaveJob
    | PlaceCall
    | LeadsClaimed
    | JoinFailed
    | OriginateFailed
    | LineFailed
    | PauseRecording
    | HangUpChannel
    | CountCallbacks
    | Reconfigure
)


class ClaimLeads(Struct, frozen=True):
    """The other way round: the switchboard wants up to `count` leads of `job` from the database."""

    job: JobId
    count: int
