"""Campaigns at work: open lines, attempts, waiting customers, and the pacer's decisions carried out.

An attempt's phases are Dialing → Waiting → Joining → Talk; its customer's channel is named after it. How many to dial
is the pacer's decision alone; which rules no dial may break is checked here, at the one place that dials.
"""

import math
from collections.abc import Iterable

import msgspec

from pbx_bridge.core import actions, contexts
from pbx_bridge.core.calling_window import is_open, next_opening
from pbx_bridge.core.calls import Calls, unanswered_result
from pbx_bridge.core.commands import ClaimLeads, Lead
from pbx_bridge.core.desks import Desk, Desks
from pbx_bridge.core.directory import Job
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.events import OriginateResponse
from pbx_bridge.core.facts import (
    AttemptAnswered,
    AttemptConnected,
    AttemptEnded,
    AttemptPlaced,
    AttemptResult,
    JobStarted,
    JobStopped,
    LeadReleased,
    PacerDecided,
    PacerKept,
)
from pbx_bridge.core.ids import AgentId, AttemptId, ChannelId, JobId, attempt_id, attempt_of_channel
from pbx_bridge.core.index import Index
from pbx_bridge.core.outcome import Outcome
from pbx_bridge.core.pacing import AgentView, Connected, DialResolved, Dropped, Pacer, TalkEnded, WrapUpEnded
from pbx_bridge.core.recovery import JobMemory, OpenAttempt

from .attempt import CARRIER_CAUSES, Attempt, Dialing, Gone, Joining, Phase, Talk, Waiting, heard, unconnected
from .lines import Lines
from .run import Line, Run, agent_view, fresh, policy, snapshot

HOPPER = 20
"""Leads kept at hand a job (pacing: choosing among more brings nothing)."""
EMPTY_REST = 5.0
"""Seconds before an empty list is asked again."""
KEEP_EVERY = 30.0
"""Seconds between two keepings of the pacer's state."""
EXPLAIN_EVERY = 5.0
"""Seconds after which an unchanged decision is said again, so that its numbers stay fresh."""
QUIET = 0.5
"""Seconds between two decisions when nothing happened, or when there are many agents."""
LOST_AFTER = 10.0
"""Seconds beyond the ring time after which an attempt nobody speaks of is lost."""
LOCK_AFTER_DROP = 72 * 3600.0
"""Seconds a number rests after an abandoned call (Ofcom, 2017 statement on persistent misuse)."""
ORIGINATE_CAUSES = {5: 17, 3: 19, 1: 16}
"""OriginateResponse's Reason (Asterisk's AST_CONTROL numbers) as a Q.850 cause; anything else is the carrier's."""


class Campaigns:
    """Every job of the node."""

    def __init__(self, index: Index, calls: Calls, desks: Desks) -> None:
        self.index, self.calls, self.desks = index, calls, desks
        self.runs: dict[JobId, Run] = {}
        self.lines = Lines(calls, desks, self._touch)
        self.attempts: dict[AttemptId, Attempt] = {}
        self.reconfigure(index)

    def reconfigure(self, index: Index) -> None:
        """New rules hold from the next decision on; a job that is gone dials no more."""
        self.index = index
        for job in index.jobs.values():
            run = self.runs.get(job.id)
            if run is None:
                self.runs[job.id] = fresh(job)
            elif run.job != job:
                state = run.pacer.state()
                run.job, run.pacer = job, Pacer(policy(job))
                run.pacer.restore(state)
        for id, run in self.runs.items():
            run.running = run.running and id in index.jobs

    # -- the administrator's level ---------------------------------------------------------------------------------

    def start(self, job: JobId, by: AgentId | None, now: float, out: Outcome) -> None:
        run = self.runs[self.index.job(job).id]
        if not run.running:
            run.running, run.dirty, run.ask_again_at = True, True, 0.0
            out.facts.append(JobStarted(job, now, by))

    def stop(self, job: JobId, by: AgentId | None, now: float, out: Outcome) -> None:
        """No further dial; what rings, rings on."""
        run = self.runs[self.index.job(job).id]
        if run.running:
            run.running, run.dirty = False, True
            out.facts.append(JobStopped(job, now, by))
            self._empty_hopper(run, now, out)

    def _empty_hopper(self, run: Run, now: float, out: Outcome) -> None:
        out.facts.extend(LeadReleased(run.job.id, lead.id, now, now) for lead in run.hopper)
        run.hopper.clear()

    def claimed(self, job: JobId, leads: Iterable[Lead], now: float, out: Outcome) -> None:
        run = self.runs.get(job)
        if run is None:
            return
        run.claiming, run.dirty = False, True
        before = len(run.hopper)
        run.hopper.extend(leads)
        if len(run.hopper) == before:
            run.ask_again_at = now + EMPTY_REST
        if not run.running:
            self._empty_hopper(run, now, out)

    # -- the agent's level -----------------------------------------------------------------------------------------

    def join(self, agent: AgentId, job: JobId, channel: ChannelId, now: float, out: Outcome) -> None:
        """The agent's own call becomes the open line. Raises `Refused`."""
        desk = self.desks.desk(agent)
        if desk.terminal is None:
            raise Refused("not-signed-in", str(agent))
        if agent not in self.index.job(job).members:
            raise Refused("not-assigned", str(job))
        self._close_line(agent, now, out)
        self.lines.add(Line(agent, job, channel))

    def _close_line(self, agent: AgentId, now: float, out: Outcome) -> None:
        """The line is gone; a customer on the way to it waits for the next free agent."""
        reserved = self.lines.close(agent, now, out)
        if reserved is not None:
            self._back_to_waiting(reserved)

    def _back_to_waiting(self, id: AttemptId) -> None:
        attempt = self.attempts.get(id)
        if attempt is not None and isinstance(attempt.phase, Joining):
            attempt.phase = Waiting(attempt.phase.answered_at, ready=True)
            self._touch(attempt.job)

    def _touch(self, job: JobId) -> None:
        if job in self.runs:
            self.runs[job].dirty = True

    # -- an attempt's life -----------------------------------------------------------------------------------------

    def place(self, run: Run, lead: Lead, now: float, out: Outcome) -> None:
        """The one place where a lead is dialed. The fact is committed before the action leaves."""
        job, ordinal = run.job, lead.attempts + 1
        id = attempt_id(job.id, lead.id, ordinal)
        attempt = Attempt(id, job.id, lead, ordinal, now, Dialing())
        self.attempts[id] = run.attempts[id] = attempt
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
                variables=(("PBX_ATTEMPT", id), ("PBX_RECORD", "1" if job.recording else "0")),
            )
        )

    def answered(self, channel: ChannelId, now: float, out: Outcome) -> None:
        """SIP answer: the law's clock starts."""
        attempt = self._attempt(channel)
        if attempt is None or not isinstance(attempt.phase, Dialing):
            return
        attempt.phase = Waiting(now, ready=False)
        self.calls.customer_answered(channel, now)
        run = self.runs[attempt.job]
        run.breaker.succeeded()
        run.ledger.answered(now)
        run.pacer.observe(DialResolved(attempt.id, "answered", attempt.placed_at, now))
        run.dirty = True
        out.facts.append(AttemptAnswered(attempt.id, now))

    def ready(self, channel: ChannelId, now: float, out: Outcome) -> None:
        """The dialplan holds the answered customer."""
        self.answered(channel, now, out)
        attempt = self._attempt(channel)
        if attempt is not None and isinstance(attempt.phase, Waiting):
            attempt.phase = Waiting(attempt.phase.answered_at, ready=True)
            self._touch(attempt.job)

    def met(self, channels: Iterable[ChannelId], now: float, out: Outcome) -> None:
        """A bridge has these members: perhaps a customer is now on the line meant for them."""
        members = set(channels)
        line = next((line for id in members if (line := self.lines.on(id)) is not None), None)
        if line is None:
            return
        for attempt in [found for id in members if (found := self._attempt(id)) is not None]:
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
            self._close_line(line.agent, now, out)
        attempt = self._attempt(channel)
        if attempt is not None:
            self._finish(attempt, self._result(attempt, cause, dial_status), cause, now, out)

    def originate_answered(self, event: OriginateResponse, now: float, out: Outcome) -> None:
        """The Originate's own last word, matched by ActionID; needed when no channel ever appeared."""
        attempt = self.attempts.get(AttemptId(event.action_id))
        if event.succeeded or attempt is None or attempt.channel in self.calls.channels:
            return
        if isinstance(attempt.phase, Dialing):
            cause = ORIGINATE_CAUSES.get(event.reason, 34)
            self._finish(attempt, unconnected(unanswered_result("", cause)), cause, now, out)

    def originate_failed(self, id: AttemptId, unknown: bool, now: float, out: Outcome) -> None:
        """The Originate did not leave (or perhaps did: then the channel or the time will tell)."""
        attempt = self.attempts.get(id)
        if attempt is not None and not unknown:
            self._finish(attempt, "failed", 0, now, out, charged=False)

    def _attempt(self, channel: ChannelId) -> Attempt | None:
        id = attempt_of_channel(channel)
        return self.attempts.get(id) if id is not None else None

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

    def _finish(
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
        del self.attempts[attempt.id], run.attempts[attempt.id]
        self.calls.attempts.pop(attempt.id, None)
        self.lines.release(attempt.id, now)
        carrier = result == "failed" and cause in CARRIER_CAUSES
        self._observe_end(run, attempt, result, carrier, now)
        retry = self._retry_at(run.job, attempt, result, now)
        out.facts.append(
            AttemptEnded(attempt.id, run.job.id, attempt.lead.id, now, result, cause, retry, charged and not carrier)
        )
        run.dirty = True

    def _observe_end(self, run: Run, attempt: Attempt, result: AttemptResult, carrier: bool, now: float) -> None:
        match attempt.phase:
            case Dialing():
                run.pacer.observe(DialResolved(attempt.id, heard(result), attempt.placed_at, now))
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

    def _retry_at(self, job: Job, attempt: Attempt, result: AttemptResult, now: float) -> float | None:
        if result == "connected" or attempt.ordinal >= job.rule.max_attempts:
            return None
        if result == "abandoned":
            return now + LOCK_AFTER_DROP
        key = "no_answer" if result in ("trimmed", "lost", "cancelled") else result
        minutes = job.rule.retry_minutes.get(key)
        return None if minutes is None else now + 60.0 * minutes

    # -- customers and agents meet ---------------------------------------------------------------------------------

    def _serve(self, run: Run, now: float, out: Outcome) -> None:
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
            names = self.calls.named(line.channel), self.calls.named(attempt.channel)
            out.actions.append(actions.Join(*names, attempt.id))

    def _abandon_late(self, run: Run, now: float, out: Outcome) -> None:
        for attempt in run.attempts.values():
            if isinstance(attempt.phase, Waiting) and now - attempt.phase.answered_at >= run.job.rule.grace_seconds:
                attempt.phase = Gone(attempt.phase.answered_at)
                run.ledger.dropped(now)
                run.pacer.observe(Dropped(attempt.id, now))
                run.dirty = True
                name = self.calls.named(attempt.channel)
                out.actions.append(actions.Redirect(name, contexts.ABANDON, "s"))

    def _give_up_lost(self, run: Run, now: float, out: Outcome) -> None:
        limit = run.job.rule.ring_seconds + LOST_AFTER
        for attempt in list(run.attempts.values()):
            silent = isinstance(attempt.phase, Dialing) and attempt.channel not in self.calls.channels
            if silent and now - attempt.placed_at > limit:
                self._finish(attempt, "lost", 0, now, out)

    # -- deciding --------------------------------------------------------------------------------------------------

    def settle(self, now: float, linked: bool, out: Outcome) -> None:
        """After every step: customers to agents, leads to the hopper, the pacer's word carried out."""
        for job, seconds in self.desks.take_changes():
            self._desk_changed(job, seconds, now)
        if not linked:
            return
        for run in self.runs.values():
            if not run.dirty and now < run.wake_at:
                continue
            self._serve(run, now, out)
            self._abandon_late(run, now, out)
            if now - run.decided_at >= QUIET or len(self.lines.by_agent) < 40:
                self._give_up_lost(run, now, out)
                self._decide(run, now, out)
            run.wake_at = self._wake_at(run)

    def _desk_changed(self, job: JobId, wrapped_up: float | None, now: float) -> None:
        run = self.runs.get(job)
        if run is None:
            return
        run.dirty = True
        if wrapped_up is not None:
            run.pacer.observe(WrapUpEnded(wrapped_up, now))

    def _wake_at(self, run: Run) -> float:
        """When this job must be looked at though nothing happens."""
        grace = run.job.rule.grace_seconds
        times = [a.phase.answered_at + grace for a in run.attempts.values() if isinstance(a.phase, Waiting)]
        if run.running or run.attempts or run.dirty:
            times.append(run.decided_at + QUIET)
        return min(times, default=math.inf)

    def deadline(self) -> float | None:
        """When `settle` must be called at the latest."""
        at = min((run.wake_at for run in self.runs.values()), default=math.inf)
        return None if at == math.inf else at

    def _decide(self, run: Run, now: float, out: Outcome) -> None:
        run.decided_at, run.dirty = now, False
        if not run.running:
            self._tell(run, 0, "stopped", {}, now, out)
            return
        self._refill(run, now, out)
        decision = run.pacer.decide(snapshot(run, self._agents(run), now), now)
        for id in decision.hang_up:
            self._trim(run, id, out)
        dials, limit = decision.dials, str(decision.limit)
        allowed = run.breaker.allows(now, dials)
        if allowed < dials or run.breaker.allows(now, 1) == 0:
            dials, limit = allowed, "carrier"
        wanted = decision.leads[:dials]
        placed = self._dial(run, wanted, now, out)
        if placed < len(wanted):
            limit, run.dirty = "window", True
        explain = {key: float(value) for key, value in decision.explain.items()}
        self._tell(run, placed, limit, explain, now, out)
        if now - run.kept_at >= KEEP_EVERY:
            run.kept_at = now
            out.facts.append(PacerKept(run.job.id, now, msgspec.json.encode(run.pacer.state())))

    def _agents(self, run: Run) -> list[AgentView]:
        lines = [line for line in self.lines.by_agent.values() if line.job == run.job.id and line.up]
        views = (agent_view(line, self.desks.desk(line.agent)) for line in lines)
        return [view for view in views if view is not None]

    def _dial(self, run: Run, wanted: Iterable[object], now: float, out: Outcome) -> int:
        placed, chosen = 0, set(wanted)
        for lead in [lead for lead in run.hopper if lead.id in chosen]:
            run.hopper.remove(lead)
            if is_open(run.job.rule.window, lead.zone, now):
                self.place(run, lead, now, out)
                placed += 1
            else:
                again = next_opening(run.job.rule.window, lead.zone, now)
                out.facts.append(LeadReleased(run.job.id, lead.id, now, again))
        return placed

    def _trim(self, run: Run, id: object, out: Outcome) -> None:
        attempt = run.attempts.get(AttemptId(str(id)))
        if attempt is not None and isinstance(attempt.phase, Dialing):
            attempt.trimmed = True
            name = self.calls.named(attempt.channel)
            if name:
                out.actions.append(actions.HangUp(name))

    def _refill(self, run: Run, now: float, out: Outcome) -> None:
        if len(run.hopper) <= HOPPER // 2 and not run.claiming and now >= run.ask_again_at:
            run.claiming = True
            out.claims.append(ClaimLeads(run.job.id, HOPPER - len(run.hopper)))

    def _tell(self, run: Run, dials: int, limit: str, explain: dict[str, float], now: float, out: Outcome) -> None:
        stale = run.running and now - run.told_at >= EXPLAIN_EVERY
        if dials or limit != run.told or stale:
            run.told, run.told_at = limit, now
            out.facts.append(PacerDecided(run.job.id, now, dials, limit, explain))

    # -- after a silence -------------------------------------------------------------------------------------------

    def recover(self, jobs: Iterable[JobMemory], attempts: Iterable[OpenAttempt]) -> None:
        for memory in jobs:
            run = self.runs.get(memory.job)
            if run is None:
                continue
            run.running = memory.running
            run.ledger.restore(memory.ledger)
            if memory.state is not None:
                run.pacer.restore(msgspec.json.decode(memory.state))
        for row in attempts:
            if row.job not in self.runs:
                continue
            lead = Lead(row.lead, row.number, "UTC", row.ordinal - 1)
            phase: Phase = Dialing() if row.answered_at is None else Waiting(row.answered_at, ready=True)
            attempt = Attempt(row.attempt, row.job, lead, row.ordinal, row.placed_at, phase)
            self.attempts[row.attempt] = self.runs[row.job].attempts[row.attempt] = attempt
            self.calls.attempts[row.attempt] = (row.job, row.number)

    def seed(self, now: float, out: Outcome) -> None:
        """Lines and attempts whose channels are gone are over; the others are where their channels are."""
        for line in [line for line in self.lines.by_agent.values() if line.channel not in self.calls.channels]:
            self._close_line(line.agent, now, out)
        for channel in tuple(self.calls.channels.values()):
            agent = self.calls.agent_at(channel.endpoint)
            if channel.context == contexts.LINE and agent is not None and agent not in self.lines.by_agent:
                self._reopen(self.desks.desk(agent), channel.id, now)
        for desk in tuple(self.desks.signed_in()):
            if desk.job is not None and desk.agent not in self.lines.by_agent:
                self.desks.line(desk.agent, None, now, out)
        for bridge in tuple(self.calls.bridges.values()):
            self.met(bridge, now, out)
        for attempt in [a for a in self.attempts.values() if a.channel not in self.calls.channels]:
            result: AttemptResult = "connected" if isinstance(attempt.phase, Talk) else "lost"
            self._finish(attempt, result, 0, now, out)

    def _reopen(self, desk: Desk, channel: ChannelId, now: float) -> None:
        if desk.job is not None and desk.job in self.runs:
            self.lines.add(Line(desk.agent, desk.job, channel, up=True, free_since=now))
