"""Open lines: agents' own calls, kept up, on which customers arrive."""

from collections.abc import Callable

from pbx_bridge.core import actions
from pbx_bridge.core.agent import Available, Talking
from pbx_bridge.core.calls import Calls
from pbx_bridge.core.desks import Desks
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.facts import LineClosed, LineOpened
from pbx_bridge.core.ids import AgentId, AttemptId, ChannelId, JobId
from pbx_bridge.core.outcome import Outcome

from .run import Line


class Lines:
    """Every open line by its agent. `touched` is told which job has something new to decide."""

    def __init__(self, calls: Calls, desks: Desks, touched: Callable[[JobId], None]) -> None:
        self._calls, self._desks, self._touched = calls, desks, touched
        self.by_agent: dict[AgentId, Line] = {}
        self._by_channel: dict[ChannelId, Line] = {}
        self._reserved: dict[AttemptId, Line] = {}

    def on(self, channel: ChannelId) -> Line | None:
        """The line that is this channel."""
        return self._by_channel.get(channel)

    def free(self, job: JobId) -> list[Line]:
        """Lines whose agents can take a customer now, the longest free first."""
        lines = [line for line in self.by_agent.values() if line.job == job and self._is_free(line)]
        return sorted(lines, key=lambda line: line.free_since)

    def _is_free(self, line: Line) -> bool:
        state = self._desks.desk(line.agent).state
        return line.up and not line.leaving and line.reserved is None and isinstance(state, Available)

    def add(self, line: Line) -> None:
        self.by_agent[line.agent] = self._by_channel[line.channel] = line

    def waits(self, channel: ChannelId, now: float, out: Outcome) -> None:
        """The dialplan says that a line waits for a customer, for the first time or again."""
        line = self.on(channel)
        if line is None:
            return
        line.free_since = now
        self._touched(line.job)
        if not line.up:
            line.up = True
            out.facts.append(LineOpened(line.agent, line.job, now))
            self._desks.line(line.agent, line.job, now, out)
        if line.leaving and line.reserved is None:
            self.hang_up(line, out)

    def leave(self, agent: AgentId, out: Outcome) -> None:
        """The agent wants to go: after the customer of the moment. Raises `Refused("not-on-line")`."""
        line = self.by_agent.get(agent)
        if line is None:
            raise Refused("not-on-line", str(agent))
        line.leaving = True
        self._touched(line.job)
        if line.reserved is None and not isinstance(self._desks.desk(agent).state, Talking):
            self.hang_up(line, out)

    def close(self, agent: AgentId, now: float, out: Outcome) -> AttemptId | None:
        """The line is gone; returns the attempt that was on its way to it."""
        line = self.by_agent.pop(agent, None)
        if line is None:
            return None
        del self._by_channel[line.channel]
        reserved = line.reserved
        if reserved is not None:
            self._reserved.pop(reserved, None)
        self._touched(line.job)
        if line.up:
            out.facts.append(LineClosed(agent, line.job, now))
            self._desks.line(agent, None, now, out)
        return reserved

    def reserve(self, line: Line, attempt: AttemptId) -> None:
        """This customer is on the way; nobody else is sent."""
        line.reserved = attempt
        self._reserved[attempt] = line

    def release(self, attempt: AttemptId, now: float) -> None:
        """The customer arrived, or never will."""
        line = self._reserved.pop(attempt, None)
        if line is not None:
            line.reserved, line.free_since = None, now

    def hang_up(self, line: Line, out: Outcome) -> None:
        name = self._calls.channels.name(line.channel)
        if name:
            out.actions.append(actions.HangUp(name))
