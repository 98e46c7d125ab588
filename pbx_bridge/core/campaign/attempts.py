"""Attempts from the Originate to their end, and the meeting of customers and agents in between."""

from collections.abc import Iterable

from pbx_bridge.core import actions, contexts
from pbx_bridge.core.call import unanswered_result
from pbx_bridge.core.calls import Calls
from pbx_bridge.core.commands import Lead
from pbx_bridge.core.directory import Job
from pbx_bridge.core.events import OriginateResponse
from pbx_bridge.core.facts import (
    AttemptAnswered,
    AttemptConnected,
    AttemptEnded,
    AttemptPlaced,
    AttemptResult,
    CallEvent,
)
from pbx_bridge.core.ids import AgentId, AttemptId, ChannelId, JobId, attempt_id, attempt_of_channel
from pbx_bridge.core.outcome import Outcome
from pbx_bridge.core.pacing import Connected, DialResolved, Dropped, TalkEnded

from .attempt import CARRIER_CAUSES, Attempt, Dialing, Gone, Joining, Talk, Waiting, heard, unconnected
from .knowing import features
from .lines import Lines
from .run import Run

LOST_AFTER = 10.0
"""Seconds beyond the ring time after which an attempt nobody speaks of is lost."""
LOCK_AFTER_DROP = 72 * 3600.0
"""Seconds a number rests after an abandoned call (Ofcom, 2017 statement on persistent misuse)."""
ORIGINATE_CAUSES = {5: 17, 3: 19, 1: 16}
"""OriginateResponse's Reason (Asterisk's AST_CONTROL numbers) as a Q.850 cause; anything else is the carrier's."""


class Attempts:
    """Every open attempt of the node."""

    def __init__(self, calls: Calls, lines: Lines, runs: dict[JobId, Run]) -> None:
        self.calls, self.lines, self.runs = calls, lines, runs
        self.open: dict[AttemptId, Attempt] = {}

    def place(self, run: Run, lead: Lead, now: float, out: Outcome) -> None:
        """The one place where a lead is dialed. The fact is committed before the action leaves."""
        job, ordinal = run.job, lead.attempts + 1
        id = attempt_id(job.id, lead.id, ordinal)
        attempt = Attempt(id, job.id, lead, ordinal, now, Dialing(), asked=features(lead, now))
        self.open[id] = run.attempts[id] = attempt
        self.calls.attempts[id] = (job.id, lead.number)
        run.breaker.placed()
        out.facts.append(AttemptPlaced(id, job.id, lead.id, lead.number, ordinal, now, lead.answer_probability))
        out.actions.append(
            actions.Originate(
                attempt=id,
                channel_id=attempt.channel,
                channel=f"PJSIP/{lead.number}@{job.trunk}",
                context=contexts.ATTEMPT,
                exten="s",
                caller_number=job.caller_number,
                caller_name=job.caller_name,
                timeout_ms=int(job.rule.ring_seconds * 1000),
                variables=(
                    ("PBX_ATTEMPT", id),
                    ("PBX_JOB", str(job.id)),
                    ("PBX_RECORD", "1" if job.recording else "0"),
                    ("PBX_CAMPAIGN", str(job.campaign)),
                ),
            )
        )

    def answered(self, channel: ChannelId, now: float, out: Outcome) -> None:
        """SIP answer: the law's clock starts."""
        attempt = self.on(channel)
        if attempt is None or not isinstance(attempt.phase, Dialing):
            return
        attempt.phase = Waiting(now, ready=False)
        self.calls.customer_answered(channel, now)
        run = self.runs[attempt.job]
        run.breaker.succeeded()
        run.ledger.answered(now)
        run.pacer.observe(DialResolved(attempt.id, "answered", attempt.placed_at, now))
        if attempt.asked:
            run.knowing.answered(attempt.asked)
        run.dirty = True
        out.facts.append(AttemptAnswered(attempt.id, now))

    def ready(self, channel: ChannelId, now: float, out: Outcome) -> None:
        """The dialplan holds the answered customer."""
        self.answered(channel, now, out)
        attempt = self.on(channel)
        if attempt is not None and isinstance(attempt.phase, Waiting):
            attempt.phase = Waiting(attempt.phase.answered_at, ready=True)
            self.runs[attempt.job].dirty = True

    def met(self, channels: Iterable[ChannelId], now: float, out: Outcome) -> None:
        """A bridge has these members: perhaps a customer is now on the line meant for them."""
        members = set(channels)
        line = next((line for id in members if (line := self.lines.on(id)) is not None), None)
        if line is None:
            return
        for attempt in [found for id in members if (found := self.on(id)) is not None]:
            if isinstance(attempt.phase, Dialing | Talk):
                continue
            answered_at = attempt.phase.answered_at
            self.lines.release(attempt.id, now)
            attempt.phase = Talk(answered_at, line.agent, now)
            self.runs[attempt.job].pacer.observe(Connected(attempt.id, answered_at, now))
            out.facts.append(AttemptConnected(attempt.id, now, line.agent, max(0.0, now - answered_at)))

    def join_failed(self, id: AttemptId, now: float) -> None:
        """Asterisk did not join the two: whoever is still there waits on."""
        self.lines.release(id, now)
        self._back_to_waiting(id)

    def hung_up(self, channel: ChannelId, cause: int, dial_status: str, now: float, out: Outcome) -> None:
        """A channel ended: an attempt's customer, or an agent's line."""
        line = self.lines.on(channel)
        if line is not None:
            self.close_line(line.agent, now, out)
        attempt = self.on(channel)
        if attempt is not None:
            self.finish(attempt, self._result(attempt, cause, dial_status), cause, now, out)

    def originate_answered(self, event: OriginateResponse, now: float, out: Outcome) -> None:
        """The Originate's own last word, matched by ActionID; needed when no channel ever appeared."""
        attempt = self.open.get(AttemptId(event.action_id))
        if event.succeeded or attempt is None or attempt.channel in self.calls.channels:
            return
        if isinstance(attempt.phase, Dialing):
            cause = ORIGINATE_CAUSES.get(event.reason, 34)
            self.finish(attempt, unconnected(unanswered_result("", cause)), cause, now, out)

    def originate_failed(self, id: AttemptId, unknown: bool, now: float, out: Outcome) -> None:
        """The Originate did not leave (or perhaps did: then the channel or the time will tell)."""
        attempt = self.open.get(id)
        if attempt is not None and not unknown:
            self.finish(attempt, "failed", 0, now, out, charged=False)

    def on(self, channel: ChannelId) -> Attempt | None:
        id = attempt_of_channel(channel)
        return self.open.get(id) if id is not None else None

    def _result(self, attempt: Attempt, cause: int, dial_status: str) -> AttemptResult:
        match attempt.phase:
            case Talk():
                return "connected"
            case Waiting() | Joining() | Gone():
                return "abandoned"
            case _:
                if attempt.trimmed:
                    return "trimmed"
                return unconnected(unanswered_result(dial_status, cause))

    def finish(
        self,
        attempt: Attempt,
        result: AttemptResult,
        cause: int,
        now: float,
        out: Outcome,
        *,
        charged: bool = True,
    ) -> None:
        run = self.runs[attempt.job]
        del self.open[attempt.id], run.attempts[attempt.id]
        self.calls.attempts.pop(attempt.id, None)
        self.lines.release(attempt.id, now)
        carrier = result == "failed" and cause in CARRIER_CAUSES
        charged = charged and not carrier
        self._observe_end(run, attempt, result, carrier, now)
        retry = self._retry_at(run.job, attempt, result, charged, now)
        out.facts.append(AttemptEnded(attempt.id, run.job.id, attempt.lead.id, now, result, cause, retry, charged))
        run.dirty = True

    def _observe_end(self, run: Run, attempt: Attempt, result: AttemptResult, carrier: bool, now: float) -> None:
        match attempt.phase:
            case Dialing():
                run.pacer.observe(DialResolved(attempt.id, heard(result), attempt.placed_at, now))
                if attempt.asked:
                    still = run.pacer.answer_chance(now - attempt.placed_at, attempt.lead.answer_probability)
                    run.knowing.unanswered(attempt.asked, result, still)
                (run.breaker.failed(now) if carrier else run.breaker.succeeded())
            case Waiting() | Joining():
                # the customer hung up before the grace was over: nobody was kept waiting too long by our count,
                # but the strict reading counts every answer that met no agent
                run.ledger.dropped(now)
                run.pacer.observe(Dropped(attempt.id, now))
            case Talk(_, _, at):
                run.pacer.observe(TalkEnded(now - at, now))
            case Gone():
                pass

    def _retry_at(self, job: Job, attempt: Attempt, result: AttemptResult, charged: bool, now: float) -> float | None:
        """When this lead may be dialed again; None when it is done or its charged attempts are used up."""
        if result == "connected" or attempt.lead.charged + charged >= job.rule.max_attempts:
            return None
        if result == "abandoned":
            return now + LOCK_AFTER_DROP
        key = "no_answer" if result in ("trimmed", "lost", "cancelled") else result
        minutes = job.rule.retry_minutes.get(key)
        return None if minutes is None else now + 60.0 * minutes

    def serve(self, run: Run, now: float, out: Outcome) -> None:
        """The longest waiting customer gets the agent who has been free longest."""
        waiting = [
            (item.phase.answered_at, item)
            for item in run.attempts.values()
            if isinstance(item.phase, Waiting) and item.phase.ready
        ]
        if not waiting:
            return
        waiting.sort(key=lambda pair: pair[0])
        for (answered_at, attempt), line in zip(waiting, self.lines.free(run.job.id), strict=False):
            attempt.phase = Joining(answered_at, line.agent)
            self.lines.reserve(line, attempt.id)
            names = self.calls.channels.name(line.channel), self.calls.channels.name(attempt.channel)
            out.actions.append(actions.Join(*names, attempt.id))

    def abandon_late(self, run: Run, now: float, out: Outcome) -> None:
        for attempt in run.attempts.values():
            if isinstance(attempt.phase, Waiting) and now - attempt.phase.answered_at >= run.job.rule.grace_seconds:
                attempt.phase = Gone(attempt.phase.answered_at)
                run.ledger.dropped(now)
                run.pacer.observe(Dropped(attempt.id, now))
                run.dirty = True
                name = self.calls.channels.name(attempt.channel)
                out.actions.append(actions.Redirect(name, contexts.ABANDON, "s"))
                if (call := self.calls.call_of(attempt.channel)) is not None:
                    out.facts.append(CallEvent(call.id, now, "message"))

    def give_up_lost(self, run: Run, now: float, out: Outcome) -> None:
        limit = run.job.rule.ring_seconds + LOST_AFTER
        for attempt in list(run.attempts.values()):
            silent = isinstance(attempt.phase, Dialing) and attempt.channel not in self.calls.channels
            if silent and now - attempt.placed_at > limit:
                self.finish(attempt, "lost", 0, now, out)

    def trim(self, run: Run, id: object, out: Outcome) -> None:
        attempt = run.attempts.get(AttemptId(str(id)))
        if attempt is not None and isinstance(attempt.phase, Dialing):
            attempt.trimmed = True
            name = self.calls.channels.name(attempt.channel)
            if name:
                out.actions.append(actions.HangUp(name))

    def _back_to_waiting(self, id: AttemptId) -> None:
        attempt = self.open.get(id)
        if attempt is not None and isinstance(attempt.phase, Joining):
            attempt.phase = Waiting(attempt.phase.answered_at, ready=True)
            self.runs[attempt.job].dirty = True

    def close_line(self, agent: AgentId, now: float, out: Outcome) -> None:
        """The line is gone; a customer on the way to it waits for the next free agent."""
        reserved = self.lines.close(agent, now, out)
        if reserved is not None:
            self._back_to_waiting(reserved)
