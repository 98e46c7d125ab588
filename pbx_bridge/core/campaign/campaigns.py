"""Campaigns at work: open lines, attempts, waiting customers, and the pacer's decisions carried out.

An attempt's phases are Dialing → Waiting → Joining → Talk; its customer's channel is named after it. How many to dial
is the pacer's decision alone; which rules no dial may break is checked here, at the one place that dials.
"""

import math
from collections.abc import Iterable
from contextlib import suppress

import msgspec

from pbx_bridge.core import actions, contexts
from pbx_bridge.core.agent import Talking
from pbx_bridge.core.calling_window import is_open, next_opening
from pbx_bridge.core.calls import Calls
from pbx_bridge.core.commands import ClaimLeads, Lead
from pbx_bridge.core.desks import Desk, Desks
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.facts import (
    AttemptResult,
    JobStarted,
    JobStopped,
    LeadReleased,
    LineOpened,
    PacerDecided,
    PacerKept,
)
from pbx_bridge.core.ids import AgentId, ChannelId, JobId, line_channel
from pbx_bridge.core.index import Index
from pbx_bridge.core.outcome import Outcome
from pbx_bridge.core.pacing import AgentView, BadPacingInput, Pacer, WrapUpEnded
from pbx_bridge.core.recovery import JobMemory, OpenAttempt

from .attempt import Attempt, Dialing, Phase, Talk, Waiting
from .attempts import Attempts
from .lines import Lines
from .run import Line, Run, agent_view, fresh, learned, policy, relearn, snapshot

HOPPER = 20
"""Leads kept at hand a job (pacing: choosing among more brings nothing)."""
EMPTY_REST = 5.0
"""Seconds before an empty list is asked again."""
KEEP_EVERY = 30.0
"""Seconds between two keepings of the pacer's state."""
EXPLAIN_EVERY = 5.0
"""Seconds after which an unchanged decision is said again, so that its numbers stay fresh."""
LINE_RINGS_MS = 20_000
"""How long the bridge rings an agent who wants an open line."""
ON_ITS_WAY = 5.0
"""Seconds in which an Originate may have left and its channel not be there yet, when a seed is read."""
QUIET = 0.5
"""Seconds between two decisions when nothing happened, or when there are many agents."""


class Campaigns:
    """Every job of the node."""

    def __init__(self, index: Index, calls: Calls, desks: Desks) -> None:
        self.index, self.calls, self.desks = index, calls, desks
        self.runs: dict[JobId, Run] = {}
        self.lines = Lines(calls, desks, self._touch)
        self.attempts = Attempts(calls, self.lines, self.runs)
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
        run.hopper.extend(run.knowing.known(lead, now) for lead in leads)
        if len(run.hopper) == before:
            run.ask_again_at = now + EMPTY_REST
        if not run.running:
            self._empty_hopper(run, now, out)

    # -- the agent's level -----------------------------------------------------------------------------------------

    def join(self, agent: AgentId, job: JobId, channel: ChannelId | None, now: float, out: Outcome) -> None:
        """The agent's own call becomes the open line; without one the agent's phone is rung. Raises `Refused`."""
        desk = self.desks.desk(agent)
        place = self.desks.place(desk)
        if place is None:
            raise Refused("not-signed-in", str(agent))
        if agent not in self.index.job(job).members:
            raise Refused("not-assigned", str(job))
        if channel is None:
            if isinstance(desk.state, Talking) or agent in self.lines.by_agent:
                raise Refused("call-in-progress", place.extension)
            channel = line_channel(agent, now)
            out.actions.append(
                actions.CallLine(
                    channel_id=channel,
                    channel=place.device,
                    context=place.line_context,
                    exten="s",
                    caller_number=place.extension,
                    caller_name=self.index.job(job).name,
                    timeout_ms=LINE_RINGS_MS,
                )
            )
        self.attempts.close_line(agent, now, out)
        self.lines.add(Line(agent, job, channel))

    def line_failed(self, channel: ChannelId, now: float, out: Outcome) -> None:
        """The phone was not answered: there is no line."""
        line = self.lines.on(channel)
        if line is not None and not line.up:
            self.attempts.close_line(line.agent, now, out)

    def _touch(self, job: JobId) -> None:
        if job in self.runs:
            self.runs[job].dirty = True

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
            self.attempts.serve(run, now, out)
            self.attempts.abandon_late(run, now, out)
            if now - run.decided_at >= QUIET or len(self.lines.by_agent) < 40:
                self.attempts.give_up_lost(run, now, out)
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
            self.attempts.trim(run, id, out)
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
            out.facts.append(PacerKept(run.job.id, now, learned(run)))

    def _agents(self, run: Run) -> list[AgentView]:
        lines = [line for line in self.lines.by_agent.values() if line.job == run.job.id and line.up]
        views = (agent_view(line, self.desks.desk(line.agent)) for line in lines)
        return [view for view in views if view is not None]

    def _dial(self, run: Run, wanted: Iterable[object], now: float, out: Outcome) -> int:
        placed, chosen = 0, set(wanted)
        for lead in [lead for lead in run.hopper if lead.id in chosen]:
            run.hopper.remove(lead)
            if is_open(run.job.rule.window, lead.zone, now):
                self.attempts.place(run, lead, now, out)
                placed += 1
            else:
                again = next_opening(run.job.rule.window, lead.zone, now)
                out.facts.append(LeadReleased(run.job.id, lead.id, now, again))
        return placed

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
                with suppress(BadPacingInput, msgspec.DecodeError):  # not a state of ours: the pacer learns anew
                    relearn(run, memory.state)
        self._recover_attempts(attempts)

    def _recover_attempts(self, attempts: Iterable[OpenAttempt]) -> None:
        for row in attempts:
            if row.job not in self.runs:
                continue
            lead = Lead(row.lead, row.number, "UTC", row.ordinal - 1, row.ordinal - 1)
            attempt = Attempt(row.attempt, row.job, lead, row.ordinal, row.placed_at, _recovered(row))
            if row.answered_at is not None:  # the ledger that was kept counts attempts that are over
                self.runs[row.job].ledger.answered(row.answered_at)
            self.attempts.open[row.attempt] = self.runs[row.job].attempts[row.attempt] = attempt
            self.calls.attempts[row.attempt] = (row.job, row.number)

    def seed(self, now: float, out: Outcome) -> None:
        """Lines and attempts whose channels are gone are over; the others are where their channels are."""
        for line in [line for line in self.lines.by_agent.values() if line.channel not in self.calls.channels]:
            self.attempts.close_line(line.agent, now, out)
        for channel in tuple(self.calls.channels.by_id.values()):
            agent = self.calls.agent_at(channel.endpoint)
            if channel.context == contexts.LINE and agent is not None and agent not in self.lines.by_agent:
                self._reopen(self.desks.desk(agent), channel.id, now, out)
        for desk in tuple(self.desks.signed_in()):
            if desk.job is not None and desk.agent not in self.lines.by_agent:
                self.desks.line(desk.agent, None, now, out)
        for attempt in tuple(self.attempts.open.values()):
            if (found := self.calls.channels.get(attempt.channel)) is not None and found.state == "Up":
                self.attempts.ready(found.id, now, out)
                self.calls.customer_answered(found.id, now)
        for bridge in tuple(self.calls.channels.bridges.values()):
            self.attempts.met(bridge, now, out)
        for attempt in [a for a in self.attempts.open.values() if a.channel not in self.calls.channels]:
            if isinstance(attempt.phase, Dialing) and now - attempt.placed_at < ON_ITS_WAY:
                continue  # the channel, Asterisk's answer or the time will tell
            result: AttemptResult = "connected" if isinstance(attempt.phase, Talk) else "lost"
            self.attempts.finish(attempt, result, 0, now, out)

    def _reopen(self, desk: Desk, channel: ChannelId, now: float, out: Outcome) -> None:
        if desk.job is not None and desk.job in self.runs:
            self.lines.add(Line(desk.agent, desk.job, channel, up=True, free_since=now))
            out.facts.append(LineOpened(desk.agent, desk.job, now))


def _recovered(row: OpenAttempt) -> Phase:
    if row.answered_at is None:
        return Dialing()
    if row.connected_at is None or row.agent is None:
        return Waiting(row.answered_at, ready=True)
    return Talk(row.answered_at, row.agent, row.connected_at)
