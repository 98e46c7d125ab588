"""Paused recordings: silence in the file while something is said that must not be kept, and an end by itself."""

from typing import Literal

from .actions import MuteRecording
from .call import Call
from .calls import Calls
from .commands import PauseRecording
from .errors import Refused
from .events import Party
from .facts import CallEvent
from .ids import AgentId, CallId
from .outcome import Outcome


class Pauses:
    """Of one node's calls."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._paused: set[CallId] = set()

    def recover(self) -> None:
        """Calls taken over from before a restart may be paused."""
        self._paused = {call.id for call in self._calls.calls.values() if call.paused_until is not None}

    def ask(self, command: PauseRecording, now: float, out: Outcome) -> None:
        """Raises `Refused`: unknown-call, not-recorded. Asked for what is so already, it does nothing."""
        call = self._calls.calls.get(command.call)
        if call is None:
            raise Refused("unknown-call", command.call)
        if call.recorder is None:
            raise Refused("not-recorded", command.call)
        pause = call.paused_until is None if command.pause is None else command.pause
        if pause != (call.paused_until is not None):
            self._set(call, pause, command.agent, command.source, now, out)

    def _set(self, call: Call, pause: bool, agent: AgentId | None, why: str, now: float, out: Outcome) -> None:
        call.paused_until = now + self._calls.index.directory.recording_pause_seconds if pause else None
        (self._paused.add if pause else self._paused.discard)(call.id)
        name = self._calls.channels.name(call.recorder) if call.recorder else ""
        if name:
            out.actions.append(MuteRecording(name, pause))
        kind: Literal["recording_paused", "recording_resumed"] = "recording_paused" if pause else "recording_resumed"
        out.facts.append(CallEvent(call.id, now, kind, call.center, agent, why))

    def recorder_began(self, party: Party, out: Outcome) -> None:
        """A call that is handed on to a center gets another recorder: paused, that one is silent too."""
        call = self._calls.call_of(party.uniqueid)
        if call is not None and call.paused_until is not None:
            out.actions.append(MuteRecording(self._calls.channels.name(party.uniqueid), True))

    def deadline(self) -> float | None:
        """When the next paused recording goes on."""
        calls = (self._calls.calls.get(id) for id in self._paused)
        times = (call.paused_until for call in calls if call is not None)
        return min((at for at in times if at is not None), default=None)

    def tick(self, now: float, out: Outcome) -> None:
        for id in tuple(self._paused):
            call = self._calls.calls.get(id)
            if call is None or call.paused_until is None:
                self._paused.discard(id)
            elif now >= call.paused_until:
                self._set(call, False, None, "system", now, out)
