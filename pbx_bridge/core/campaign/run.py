"""A job at work: its lines, its hopper, and how the pacer sees it."""

from collections import deque
from collections.abc import Iterable

import msgspec
from msgspec import Struct, field

from pbx_bridge.core.agent import Available, Talking, WrapUp, takes_calls
from pbx_bridge.core.breaker import Breaker
from pbx_bridge.core.commands import Lead
from pbx_bridge.core.desks import Desk
from pbx_bridge.core.directory import Job
from pbx_bridge.core.ids import AgentId, AttemptId, ChannelId, JobId
from pbx_bridge.core.pacing import AgentView, DialView, LeadView, Pacer, Policy, Snapshot, WaitingView
from pbx_bridge.core.pacing.ledger import DropLedger

from .attempt import Attempt, Dialing, Waiting
from .knowing import Knowing


class Line(Struct):
    """An agent's open line. `up` since the dialplan said it waits; `reserved` for the customer on the way."""

    agent: AgentId
    job: JobId
    channel: ChannelId
    up: bool = False
    free_since: float = 0.0
    reserved: AttemptId | None = None
    leaving: bool = False


class Run(Struct):
    """One job at work."""

    job: Job
    pacer: Pacer
    ledger: DropLedger
    knowing: Knowing
    running: bool = False
    hopper: deque[Lead] = field(default_factory=deque)
    attempts: dict[AttemptId, Attempt] = field(default_factory=dict)
    breaker: Breaker = field(default_factory=Breaker)
    claiming: bool = False
    ask_again_at: float = 0.0
    dirty: bool = True
    decided_at: float = 0.0
    wake_at: float = 0.0
    told: str = ""
    told_at: float = 0.0
    kept_at: float = 0.0


def policy(job: Job) -> Policy:
    """What the pacer is asked to keep to."""
    return Policy(
        mode=job.mode,
        cap=job.rule.drop_cap,
        grace=job.rule.grace_seconds,
        ring_timeout=job.rule.ring_seconds,
        multiplier=job.rule.multiplier,
    )


def fresh(job: Job) -> Run:
    """A job that has seen nothing yet."""
    pacer = Pacer(policy(job))
    return Run(job, pacer, DropLedger(pacer.policy.windows), Knowing(pacer.policy.prior_answer_probability))


class Learned(Struct):
    """What a job learned, as it is kept over a restart."""

    pacer: dict[str, object]
    answers: dict[str, object]


def learned(run: Run) -> bytes:
    """Everything the job's estimators know, as JSON."""
    return msgspec.json.encode(Learned(run.pacer.state(), run.knowing.model.state()))


def relearn(run: Run, kept: bytes) -> None:
    """Go on from it. Raises BadPacingInput or msgspec.DecodeError for what is not ours; then nothing has changed."""
    saved = msgspec.json.decode(kept, type=Learned)
    run.pacer.restore(saved.pacer)
    run.knowing.model.restore(saved.answers)


def snapshot(run: Run, agents: Iterable[AgentView], now: float) -> Snapshot:
    """The job at this moment, for the pacer."""
    rule = run.job.rule
    attempts = run.attempts.values()
    hopper = [LeadView(lead.id, lead.answer_probability) for lead in run.hopper]
    return Snapshot(
        agents=list(agents),
        dials=[
            DialView(item.id, item.placed_at, item.lead.answer_probability)
            for item in attempts
            if isinstance(item.phase, Dialing) and not item.trimmed
        ],
        waiting=[WaitingView(item.id, item.phase.answered_at) for item in attempts if isinstance(item.phase, Waiting)],
        ledger=run.ledger.counts(now),
        hopper=hopper,
        free_channels=max(0, rule.max_channels - len(run.attempts)),
        calls_per_second=rule.calls_per_second,
        leads_left=len(hopper),
    )


def agent_view(line: Line, desk: Desk) -> AgentView | None:
    """An agent on an open line as the pacer counts them; None while on a break."""
    match desk.state:
        case Talking():
            return AgentView("talking", desk.since, line.leaving or not takes_calls(desk.state))
        case WrapUp(until=until) if until is not None:
            return AgentView("wrap_up", desk.since, line.leaving)
        case Available() if line.reserved is not None:
            return AgentView("talking", desk.since, line.leaving)
        case Available():
            return AgentView("idle", max(desk.since, line.free_since), line.leaving)
        case _:
            return None
