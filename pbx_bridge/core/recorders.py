"""Recorders that must begin anew, because the recorded channel hears somebody else from now on.

MixMonitor sees what a channel is sent through one translator, which lives as long as anything listens to the channel.
Debian's Asterisk compares in it RTP sequence numbers (debian/patches/2016_opus_plc.patch, ast_translate() in
main/translate.c): a frame that is more than half the number space «before» the last one is taken for late and dropped.
The next party's phone counts from a number of its own, so every second one the recorder would not hear until that phone
has counted on for up to eleven minutes. When a recorder ends and the next begins after a frame has passed with nobody
listening, it has a new translator.

A blind transfer passes the dialplan, which does so by itself (`dialplan.inbound`). An attended one passes nothing: the
bridge plays the recorded channel a key that no phone has, and Asterisk does the rest in the conversation.
"""

from . import events
from .actions import RecordAnew
from .call import Call
from .calls import Calls
from .ids import CallId
from .outcome import Outcome

_AGAIN_S = 2.0
"""Seconds after which a recorder that did not say it began is asked for again."""


class Recorders:
    """Of one node's calls."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._asked: dict[CallId, float | None] = {}
        """Calls whose recorder is to begin anew, and when it is asked for again; None: as soon as two are talking."""

    def handed_over(self, event: events.AttendedTransfer, now: float, out: Outcome) -> None:
        """After the switchboard's calls have taken it in."""
        call = self._calls.call_of(event.original.uniqueid) or self._calls.call_of(event.second.uniqueid)
        if event.result == "Success" and call is not None and call.recorder is not None:
            self._asked[call.id] = None
            self._ask(call, now, out)

    def met(self, call: Call | None, now: float, out: Outcome) -> None:
        """Two are in a bridge of this call."""
        if call is not None and call.id in self._asked and self._asked[call.id] is None:
            self._ask(call, now, out)

    def began(self, party: events.Party) -> None:
        """MixMonitor runs on a channel."""
        call = self._calls.call_of(party.uniqueid)
        if call is not None:
            self._asked.pop(call.id, None)

    def deadline(self) -> float | None:
        """When the next one is asked for again."""
        return min((at for at in self._asked.values() if at is not None), default=None)

    def tick(self, now: float, out: Outcome) -> None:
        for id, at in tuple(self._asked.items()):
            call = self._calls.calls.get(id)
            if call is None:
                del self._asked[id]
            elif at is not None and now >= at:
                self._ask(call, now, out)

    def _ask(self, call: Call, now: float, out: Outcome) -> None:
        """The key is only understood in a bridge of two."""
        channel = self._calls.channels.get(call.recorder) if call.recorder else None
        if channel is None:
            del self._asked[call.id]
        elif self._calls.channels.mates(channel):
            out.actions.append(RecordAnew(channel.name))
            self._asked[call.id] = now + _AGAIN_S
        else:
            self._asked[call.id] = None
