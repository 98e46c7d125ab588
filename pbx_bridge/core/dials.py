"""Calls that the bridge places for an agent: their own terminal rings, and answered it calls the customer.

The dialplan does the second half (context `pbx-dial`), so that the agent hears it ring and no rule about outside
numbers is a second one. Who is dialed as a promised redial of a campaign is an attempt like any other: it is committed
before anything rings, counts against the number, and its conversation is written up.
"""

from collections.abc import Iterable

from . import actions, contexts
from .agent import Ringing, Talking
from .call import Dial, Promise, unanswered_result
from .calls import Calls
from .campaign.attempt import unconnected
from .campaign.lines import Lines
from .commands import PlaceCall
from .desks import Desks
from .directory import Terminal
from .errors import Refused
from .facts import AttemptAnswered, AttemptConnected, AttemptEnded, AttemptPlaced, AttemptResult
from .ids import AgentId, ChannelId, TerminalId, attempt_id, dial_channel
from .index import Index
from .outcome import Outcome

RINGS_MS = 20_000
"""How long the agent's own terminal rings."""
ON_ITS_WAY = 5.0
"""Seconds in which an Originate may have left and its channel not be there yet."""


class Dials:
    """Every open one of the node."""

    def __init__(self, index: Index, calls: Calls, desks: Desks, lines: Lines) -> None:
        self.index, self._calls, self._desks, self._lines = index, calls, desks, lines
        self.open: dict[ChannelId, Dial] = {}

    def place(self, asked: PlaceCall, reachable: dict[TerminalId, bool], now: float, out: Outcome) -> None:
        """Raises `Refused`: not-signed-in, terminal-not-registered, call-in-progress, unknown-job, unknown-agent."""
        place = self._free(asked.agent, reachable, now)
        center = self.index.centers.get(asked.center) if asked.center is not None else None
        shown, name, record = (center.number, center.name, center.recording) if center else ("", "", True)
        number = self.index.home(asked.number)
        channel = dial_channel(asked.reason, asked.agent, asked.center, now)
        dial = Dial(channel, asked.agent, number, shown, asked.reason, now, asked.center)
        if asked.lead is not None and asked.job is not None:
            job = self.index.job(asked.job)
            dial.shown, name, record = job.caller_number, job.name, job.recording
            ordinal = asked.lead.attempts + 1
            attempt = attempt_id(job.id, asked.lead.id, ordinal)
            dial.promise = Promise(attempt, job.id, asked.lead.id)
            listed = asked.lead.number
            out.facts.append(AttemptPlaced(attempt, job.id, asked.lead.id, listed, ordinal, now, by_hand=True))
        self.open[dial.channel] = self._calls.placed[dial.channel] = dial
        out.actions.append(
            actions.CallAgent(
                channel_id=dial.channel,
                channel=place.device,
                context=contexts.DIAL,
                exten=number,
                caller_number=number,
                caller_name=name,
                timeout_ms=RINGS_MS,
                variables=(
                    ("PBX_EXTENSION", place.extension),
                    ("PBX_SHOWN", dial.shown),
                    ("PBX_RECORD", "1" if record else "0"),
                    ("PBX_ASK", "1" if place.outside else "0"),
                ),
                attempt=dial.promise.attempt if dial.promise else None,
            )
        )

    def _free(self, agent: AgentId, reachable: dict[TerminalId, bool], now: float) -> Terminal:
        """The agent's terminal, with nothing else on it."""
        desk = self._desks.desk(agent)
        place = self._desks.place(desk)
        if place is None:
            raise Refused("not-signed-in", self.index.agents[agent].login)
        if not place.outside and not reachable.get(place.id, False):
            raise Refused("terminal-not-registered", place.extension)
        dialing = any(dial.agent == agent and self._is_there(dial, now) for dial in self.open.values())
        if isinstance(desk.state, Ringing | Talking) or agent in self._lines.by_agent or dialing:
            raise Refused("call-in-progress", place.extension)
        return place

    def _is_there(self, dial: Dial, now: float) -> bool:
        return dial.channel in self._calls.channels or now - dial.placed_at < RINGS_MS / 1000 + ON_ITS_WAY

    def met(self, members: Iterable[ChannelId], now: float, out: Outcome) -> None:
        """A bridge has these members: perhaps an agent and whom they were to speak with."""
        for dial in [self.open[member] for member in members if member in self.open]:
            if not dial.met and dial.promise is not None:
                out.facts.append(AttemptAnswered(dial.promise.attempt, now))
                out.facts.append(AttemptConnected(dial.promise.attempt, now, dial.agent, 0.0))
            dial.met = True

    def failed(self, channel: ChannelId, now: float, out: Outcome) -> None:
        """The agent's terminal could not be rung, or was not answered: the customer was not called."""
        dial = self.open.get(channel)
        if dial is not None and channel not in self._calls.channels:
            self._end(dial, "cancelled", 0, now, out)

    def hung_up(self, channel: ChannelId, cause: int, dial_status: str, now: float, out: Outcome) -> None:
        """The agent's own leg is gone; `dial_status` is what Asterisk said of the customer's, if that was tried."""
        dial = self.open.get(channel)
        if dial is None:
            return
        tried = unconnected(unanswered_result(dial_status, cause)) if dial_status else "cancelled"
        self._end(dial, "connected" if dial.met else tried, cause, now, out)

    def seed(self, now: float, out: Outcome) -> None:
        """What Asterisk does not know of is over."""
        for dial in tuple(self.open.values()):
            if dial.channel not in self._calls.channels and now - dial.placed_at > ON_ITS_WAY:
                self._end(dial, "connected" if dial.met else "lost", 0, now, out)

    def _end(self, dial: Dial, result: AttemptResult, cause: int, now: float, out: Outcome) -> None:
        del self.open[dial.channel]
        self._calls.placed.pop(dial.channel, None)
        if dial.promise is None:
            return
        charged = result not in ("cancelled", "lost")
        own = dial.promise  # whoever is promised a call is dialed by hand from here on: no time of the machine's
        out.facts.append(AttemptEnded(own.attempt, own.job, own.lead, now, result, cause, None, charged))
