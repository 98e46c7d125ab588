"""Facts as a story that a person can check: one line a fact, seconds since the recording began."""

from collections.abc import Iterable

from pbx_bridge.core import facts
from pbx_bridge.core.directory import Directory
from pbx_bridge.core.facts import Fact
from pbx_bridge.core.ids import AgentId, AttemptId, CallId, CenterId

from .stream import Stream

_UNTOLD = facts.TerminalReachable | facts.CallbacksOwed | facts.PacerDecided | facts.PacerKept
"""Not what happened to people."""


def story(stream: Stream, told: Iterable[Fact]) -> str:
    teller = _Teller(stream.start.directory)
    lines = [
        f"{fact.at - stream.start.began:6.1f}  {teller.tell(fact)}" for fact in told if not isinstance(fact, _UNTOLD)
    ]
    return "\n".join([f"# {stream.start.plot}", *lines, ""])


class _Teller:
    """Calls and attempts are numbered as they appear."""

    def __init__(self, directory: Directory) -> None:
        self._extensions = {terminal.id: terminal.extension for terminal in directory.terminals}
        self._centers = {center.id: center.extension for center in directory.centers}
        self._calls: dict[CallId, int] = {}
        self._attempts: dict[AttemptId, int] = {}
        self._numbers: dict[str, str] = {}

    def _call(self, id: CallId | None) -> str:
        return f"call {self._calls.setdefault(id, len(self._calls) + 1)}" if id else ""

    def _attempt(self, id: AttemptId) -> str:
        return f"attempt {self._attempts.setdefault(id, len(self._attempts) + 1)}"

    def _number(self, number: str) -> str:
        """Extensions and codes as they are; numbers outside are stand-ins and get letters: A, B …"""
        if len(number) <= 6:
            return number or "nobody"
        return self._numbers.setdefault(number, chr(ord("A") + len(self._numbers)))

    @staticmethod
    def _agent(id: AgentId | None) -> str:
        return f"agent {id}" if id is not None else ""

    def _center(self, id: CenterId | None) -> str:
        return f"center {self._centers.get(id, '?')}" if id is not None else ""

    def tell(self, fact: Fact) -> str:
        return " ".join(str(word) for word in self._words(fact) if word not in ("", None))

    def _words(self, fact: Fact) -> tuple[object, ...]:
        match fact:
            case facts.CallStarted():
                by = f"by {self._agent(fact.agent)}" if fact.agent else ""
                to = f"{self._number(fact.from_number)} → {self._number(fact.to_number)}"
                return self._call(fact.call), "starts:", fact.direction, to, by, self._center(fact.center)
            case facts.CallEvent():
                return self._call(fact.call), fact.kind, self._center(fact.center), self._agent(fact.agent), fact.detail
            case facts.CallAnswered():
                at = f"at {self._extensions[fact.terminal]}" if fact.terminal else ""
                return self._call(fact.call), "answered:", self._agent(fact.agent), at, f"after {fact.waited:.1f} s"
            case facts.CallTransferred():
                return self._call(fact.call), "transferred", fact.kind, "to", fact.to, "by", self._agent(fact.agent)
            case facts.CallRecorded():
                return self._call(fact.call), "recorded"
            case facts.CallEnded():
                return self._call(fact.call), "ends:", fact.result, "by", fact.ended_by, f"({fact.cause})"
            case facts.AgentChanged():
                until = "until the clock ends it" if fact.until else ""
                line = "on the line" if fact.job else ""
                pending = f"then {fact.pending}" if fact.pending else ""
                rests = f"({fact.status})" if fact.status != fact.condition else ""
                call = self._call(fact.call)
                return self._agent(fact.agent), "is", fact.condition, rests, call, until, line, pending
            case _:
                return self._other(fact)

    def _other(self, fact: Fact) -> tuple[object, ...]:
        match fact:
            case facts.SignedIn() | facts.SignedOut():
                did = "signs in" if isinstance(fact, facts.SignedIn) else "signs out"
                return self._agent(fact.agent), did, "at", self._extensions[fact.terminal], fact.source
            case facts.AgentCorrected():
                return self._agent(fact.agent), "corrected:", fact.believed or "nothing", "→", fact.found or "nothing"
            case facts.HandRaised():
                return self._agent(fact.agent), "raises" if fact.up else "lowers", "a hand"
            case facts.LineOpened() | facts.LineClosed():
                did = "opens" if isinstance(fact, facts.LineOpened) else "closes"
                return self._agent(fact.agent), did, "the line"
            case facts.JobStarted() | facts.JobStopped():
                return "job", fact.job, "starts" if isinstance(fact, facts.JobStarted) else "stops"
            case facts.AttemptPlaced():
                return self._attempt(fact.attempt), "dialed: lead", fact.lead, "for the", f"{fact.ordinal}. time"
            case facts.AttemptAnswered():
                return self._attempt(fact.attempt), "answered"
            case facts.AttemptConnected():
                return (
                    self._attempt(fact.attempt),
                    "connected with",
                    self._agent(fact.agent),
                    f"after {fact.waited:.1f} s",
                )
            case facts.AttemptEnded():
                again = f"again in {(fact.retry_at - fact.at) / 60:.0f} min" if fact.retry_at else "done"
                free = "" if fact.charged else "uncharged"
                return self._attempt(fact.attempt), "ends:", fact.result, f"({fact.cause})", again, free
            case facts.LeadReleased():
                return "lead", fact.lead, "goes back"
            case facts.AsteriskSeen():
                return "Asterisk is", "up" if fact.up else f"not seen: {fact.reason}"
            case _:
                return (type(fact).__name__,)
