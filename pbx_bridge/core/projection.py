"""Facts become the rows people look at. Pure; every change of a row is a numbered delta."""

from collections.abc import Iterable

import msgspec

from . import facts
from .board import AgentRow, CallRow, CenterRow, Delta, JobRow, Kind, NodeRow, RecordingNow, Row, Snapshot, TerminalRow
from .directory import Directory
from .facts import Condition, Fact
from .ids import AgentId, CallId, CenterId, JobId, NodeId, TerminalId
from .recovery import OpenCall, Recovery, SignedInAgent

_COLUMN: dict[Condition, str] = {
    "available": "available",
    "ringing": "available",
    "talking": "talking",
    "outgoing": "talking",
    "wrap_up": "wrap_up",
    "paused": "away",
}


class Board:
    """All rows of one node. `apply` returns what changed."""

    def __init__(self, directory: Directory, recovery: Recovery) -> None:
        self.seq = 0
        self.agents: dict[AgentId, AgentRow] = {}
        self.centers: dict[CenterId, CenterRow] = {}
        self.calls: dict[CallId, CallRow] = {}
        self.jobs: dict[JobId, JobRow] = {}
        self.terminals: dict[TerminalId, TerminalRow] = {}
        self.nodes: dict[NodeId, NodeRow] = {}
        self._waiting: dict[CenterId, dict[CallId, float]] = {}
        self._ringing: dict[str, JobId] = {}
        self._changed: dict[tuple[Kind, object], Row] = {}
        self.reconfigure(directory)
        self._remember(recovery)

    def reconfigure(self, directory: Directory) -> list[Delta]:
        """The directory changed: new entities appear, names follow; what is gone stays until the next restart."""
        self._levels = {center.id: center.service_level_seconds for center in directory.centers}
        self._extensions = {terminal.id: terminal.extension for terminal in directory.terminals}
        self._centers_of: dict[AgentId, list[CenterId]] = {}
        for center in directory.centers:
            row = self.centers.setdefault(center.id, CenterRow(str(center.id), center.name, center.extension))
            row.name, row.extension = center.name, center.extension
            self._touch("center", center.id, row)
            for member in center.members:
                self._centers_of.setdefault(member.agent, []).append(center.id)
        members = set(self._centers_of).union(*(job.members for job in directory.jobs))
        for agent in directory.agents:
            seat = self.agents.setdefault(agent.id, AgentRow(str(agent.id), agent.name, agent.login))
            seat.name, seat.member = agent.name, agent.id in members
            self._touch("agent", agent.id, seat)
        for terminal in directory.terminals:
            phone = self.terminals.setdefault(terminal.id, TerminalRow(str(terminal.id), terminal.extension))
            self._touch("terminal", terminal.id, phone)
        for job in directory.jobs:
            run = self.jobs.setdefault(job.id, JobRow(str(job.id), job.name, job.mode))
            run.name, run.mode, run.drop_cap = job.name, job.mode, job.rule.drop_cap
            self._touch("job", job.id, run)
        return self._deltas()

    def _remember(self, recovery: Recovery) -> None:
        for totals in recovery.totals:
            if totals.center in self.centers:
                row = self.centers[totals.center]
                row.answered, row.abandoned = totals.answered, totals.abandoned
                row.within_service_level = totals.within_service_level
        for memory in recovery.jobs:
            if memory.job in self.jobs:
                job = self.jobs[memory.job]
                job.running, job.attempts = memory.running, sum(memory.results.values())
                job.connected = memory.results.get("connected", 0)
                job.abandoned = memory.results.get("abandoned", 0)
                job.drop_rate = _share(job.abandoned, job.connected)
        for call in recovery.calls:
            self._remember_call(call)
        for signed_in in recovery.agents:
            if signed_in.agent in self.agents:
                self._remember_agent(self.agents[signed_in.agent], signed_in)
        self._deltas()

    def _remember_call(self, call: OpenCall) -> None:
        row = CallRow(str(call.call), call.direction, call.from_number, call.to_number, call.started_at)
        row.state, row.state_since, row.position = call.state, call.state_since, call.position
        row.channel, row.recorded = call.channel, call.recorder is not None
        row.recording_paused = call.paused_at is not None
        row.center = str(call.center) if call.center is not None else ""
        row.job = str(call.job) if call.job is not None else ""
        row.agent = str(call.talks_with) if call.talks_with is not None else ""
        if not call.answered and call.agent is not None:
            row.agent = str(call.agent)  # who placed it
        self.calls[call.call] = row
        if call.state == "waiting" and call.center in self.centers and call.center is not None:
            self._waiting.setdefault(call.center, {})[call.call] = call.state_since
            self._recount(call.center)

    def _remember_agent(self, row: AgentRow, was: SignedInAgent) -> None:
        self._count(was.agent, row.condition, was.condition)
        row.condition, row.status, row.since, row.reason = was.condition, was.status, was.since, was.reason
        row.extension = self._extensions.get(was.terminal, "")
        row.call, row.until, row.pending = was.call or "", was.wrap_up_until, was.pending
        call = self.calls.get(was.call) if was.call is not None else None
        if call is not None:
            row.other_party, row.center = _other_party(call, row.extension), call.center
            row.recording = _recording_now(call) if was.condition in ("talking", "outgoing") else ""
        row.job = str(was.job) if was.job is not None else ""
        self._count_waiting("", _waits_for(row))

    def snapshot(self, at: float) -> Snapshot:
        """Everything as it is; `at` epoch seconds."""
        return Snapshot(
            seq=self.seq,
            at=at,
            agents=[msgspec.structs.replace(row) for row in self.agents.values()],
            centers=[msgspec.structs.replace(row) for row in self.centers.values()],
            calls=[msgspec.structs.replace(row) for row in self.calls.values()],
            jobs=[msgspec.structs.replace(row) for row in self.jobs.values()],
            terminals=[msgspec.structs.replace(row) for row in self.terminals.values()],
            nodes=[msgspec.structs.replace(row) for row in self.nodes.values()],
        )

    def apply(self, batch: Iterable[Fact]) -> list[Delta]:
        """Take committed facts in; several changes of one row make one delta."""
        for fact in batch:
            self._take(fact)
        return self._deltas()

    def _deltas(self) -> list[Delta]:
        deltas = []
        for (kind, _), row in self._changed.items():
            self.seq += 1
            deltas.append(Delta(self.seq, kind, msgspec.structs.replace(row)))
        self._changed.clear()
        return deltas

    def _touch(self, kind: Kind, key: object, row: Row) -> None:
        self._changed[kind, key] = row

    def _take(self, fact: Fact) -> None:
        match fact:
            case facts.AgentChanged():
                self._agent_changed(fact)
            case facts.HandRaised(agent, at, up):
                row = self.agents[agent]
                row.hand_since = at if up else None
                self._touch("agent", agent, row)
            case facts.CallStarted():
                self._call_started(fact)
            case facts.CallEvent():
                self._call_event(fact)
            case facts.CallTransferred(call, at, "blind"):
                self._rings_elsewhere(call, at)
            case facts.CallRecorded(call):
                self._recorded(call)
            case facts.CallAnswered():
                self._call_answered(fact)
            case facts.CallEnded():
                self._call_ended(fact)
            case facts.CallbacksOwed(center, count):
                self._owes(center, count)
            case facts.TerminalReachable(terminal, _, reachable):
                self._reachable(terminal, reachable)
            case facts.AsteriskSeen(node, at, up, _, reason):
                self.nodes[node] = NodeRow(node, up, at, reason)
                self._touch("node", node, self.nodes[node])
            case _:
                self._take_job(fact)

    def _owes(self, center: CenterId, count: int) -> None:
        row = self.centers.get(center)
        if row is not None and row.callbacks != count:
            row.callbacks = count
            self._touch("center", center, row)

    # -- agents and terminals --------------------------------------------------------------------------------------

    def _agent_changed(self, fact: facts.AgentChanged) -> None:
        row = self.agents.get(fact.agent)
        if row is None:
            return
        before, waited_for = row.condition, _waits_for(row)
        if (row.condition, row.status, row.call) != (fact.condition, fact.status, fact.call or ""):
            row.since = fact.at
        self._count(fact.agent, before, fact.condition)
        row.condition, row.status, row.reason = fact.condition, fact.status, fact.reason
        row.extension = self._extensions.get(fact.terminal, "") if fact.terminal is not None else ""
        call = self.calls.get(fact.call) if fact.call is not None else None
        row.call = fact.call or ""
        row.other_party = (
            _other_party(call, row.extension) if call else row.other_party if fact.condition == "wrap_up" else ""
        )
        row.center = call.center if call else ""
        row.recording = _recording_now(call) if fact.condition in ("talking", "outgoing") else ""
        row.job = str(fact.job) if fact.job is not None else ""
        row.until, row.pending = fact.until, fact.pending
        self._touch("agent", fact.agent, row)
        self._count_waiting(waited_for, _waits_for(row))

    def _count_waiting(self, before: str, after: str) -> None:
        for job, step in ((before, -1), (after, 1)):
            if job and before != after and JobId(int(job)) in self.jobs:
                self._job(JobId(int(job))).waiting_agents += step

    def _count(self, agent: AgentId, before: Condition, after: Condition) -> None:
        if _COLUMN.get(before) == _COLUMN.get(after):
            return
        for center in self._centers_of.get(agent, ()):
            row = self.centers[center]
            for condition, step in ((before, -1), (after, 1)):
                column = _COLUMN.get(condition)
                if column is not None:
                    setattr(row, column, getattr(row, column) + step)
            self._touch("center", center, row)

    def _reachable(self, terminal: TerminalId, reachable: bool) -> None:
        row = self.terminals.get(terminal)
        if row is None:
            return
        row.reachable = reachable
        self._touch("terminal", terminal, row)
        for id, agent in self.agents.items():
            if agent.extension == row.extension:
                agent.reachable = reachable
                self._touch("agent", id, agent)

    # -- calls -----------------------------------------------------------------------------------------------------

    def _call_started(self, fact: facts.CallStarted) -> None:
        row = CallRow(str(fact.call), fact.direction, fact.from_number, fact.to_number, fact.at)
        row.state_since, row.channel = fact.at, fact.channel
        row.center = str(fact.center) if fact.center is not None else ""
        row.job = str(fact.job) if fact.job is not None else ""
        row.agent = str(fact.agent) if fact.agent is not None else ""
        self.calls[fact.call] = row
        self._touch("call", fact.call, row)

    def _call_event(self, fact: facts.CallEvent) -> None:
        row = self.calls.get(fact.call)
        if row is None:
            return
        if fact.center is not None:
            row.center = str(fact.center)
        if fact.kind == "queued":
            row.state, row.state_since, row.position = "waiting", fact.at, int(fact.detail or 0)
            if fact.center is not None:
                self._waiting.setdefault(fact.center, {})[fact.call] = fact.at
                self._recount(fact.center)
        elif fact.kind == "left_queue":
            self._no_longer_waiting(fact.call)
        elif fact.kind in ("held", "resumed"):
            row.state, row.state_since = ("held" if fact.kind == "held" else "talking"), fact.at
        elif fact.kind in ("recording_paused", "recording_resumed"):
            row.recording_paused = fact.kind == "recording_paused"
            self._tell_recording(row)
        elif fact.kind == "joined":
            row.agent = str(fact.agent) if fact.agent is not None else ""
            if row.state != "talking":  # it rang, or whoever held it has handed it over
                row.state, row.state_since = "talking", fact.at
        self._touch("call", fact.call, row)

    def _rings_elsewhere(self, call: CallId, at: float) -> None:
        """Whoever had it has let it go; nobody has it until somebody answers."""
        row = self.calls.get(call)
        if row is not None:
            row.state, row.state_since, row.agent = "ringing", at, ""
            self._touch("call", call, row)

    def _recorded(self, call: CallId) -> None:
        row = self.calls.get(call)
        if row is not None:
            row.recorded = True
            self._touch("call", call, row)
            self._tell_recording(row)

    def _tell_recording(self, call: CallRow) -> None:
        for id, agent in self.agents.items():
            if agent.call == call.id and agent.condition in ("talking", "outgoing"):
                agent.recording = _recording_now(call)
                self._touch("agent", id, agent)

    def _call_answered(self, fact: facts.CallAnswered) -> None:
        row = self.calls.get(fact.call)
        self._no_longer_waiting(fact.call)
        if row is None:
            return
        row.state, row.state_since, row.position = "talking", fact.at, 0
        row.agent = str(fact.agent) if fact.agent is not None else row.agent
        self._touch("call", fact.call, row)
        center = self._center_of(row)
        if center is not None:
            totals = self.centers[center]
            totals.answered += 1
            totals.within_service_level += fact.waited <= self._levels[center]
            self._touch("center", center, totals)

    def _call_ended(self, fact: facts.CallEnded) -> None:
        self._no_longer_waiting(fact.call)
        row = self.calls.pop(fact.call, None)
        if row is None:
            return
        row.ended = True
        self._touch("call", fact.call, row)
        center = self._center_of(row)
        if center is not None and fact.result == "abandoned":
            self.centers[center].abandoned += 1
            self._touch("center", center, self.centers[center])

    def _center_of(self, row: CallRow) -> CenterId | None:
        """Whose numbers of today the call is part of: a center answers callers, whom it calls is another matter."""
        center = CenterId(int(row.center)) if row.center and row.direction != "outbound" else None
        return center if center in self.centers else None

    def _no_longer_waiting(self, call: CallId) -> None:
        for center, waiting in self._waiting.items():
            if waiting.pop(call, None) is not None:
                self._recount(center)

    def _recount(self, center: CenterId) -> None:
        waiting = self._waiting.get(center, {})
        row = self.centers[center]
        row.waiting, row.oldest_wait_since = len(waiting), min(waiting.values(), default=None)
        self._touch("center", center, row)

    # -- jobs ------------------------------------------------------------------------------------------------------

    def _take_job(self, fact: Fact) -> None:
        match fact:
            case facts.JobStarted(job) | facts.JobStopped(job):
                self._job(job).running = isinstance(fact, facts.JobStarted)
            case facts.LineOpened(_, job) | facts.LineClosed(_, job):
                self._job(job).on_line += 1 if isinstance(fact, facts.LineOpened) else -1
            case facts.AttemptPlaced(attempt, job):
                row = self._job(job)
                row.attempts, row.ringing = row.attempts + 1, row.ringing + 1
                self._ringing[attempt] = job
            case facts.AttemptAnswered(attempt):
                self._rings_no_more(attempt)
            case facts.AttemptEnded(attempt, job, result=result):
                self._rings_no_more(attempt)
                row = self._job(job)
                row.connected += result == "connected"
                row.abandoned += result == "abandoned"
                row.drop_rate = _share(row.abandoned, row.connected)
            case facts.PacerDecided(job, _, _, limit, explain):
                row = self._job(job)
                row.limit, row.explain = limit, explain
                row.dial_level = row.ringing / row.on_line if row.on_line else 0.0
            case _:
                pass  # told for the record only

    def _job(self, job: JobId) -> JobRow:
        row = self.jobs[job]
        self._touch("job", job, row)
        return row

    def _rings_no_more(self, attempt: str) -> None:
        job = self._ringing.pop(attempt, None)
        if job is not None:
            row = self._job(job)
            row.ringing -= 1


def _waits_for(agent: AgentRow) -> str:
    """The job whose open line this agent sits on with nobody to talk to; empty for everybody else."""
    return agent.job if agent.condition == "available" else ""


def _other_party(call: CallRow, own: str) -> str:
    """For whoever sits at `own`: a colleague who was called hears who called."""
    called = call.direction == "inbound" or (call.direction == "internal" and call.to_number == own)
    return call.from_number if called else call.to_number


def _recording_now(call: CallRow | None) -> RecordingNow:
    if call is None or not call.recorded:
        return ""
    return "paused" if call.recording_paused else "on"


def _share(part: int, rest: int) -> float:
    return part / (part + rest) if part + rest else 0.0
