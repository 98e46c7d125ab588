"""Calls after a silence: what the database believed, and what Asterisk says lives, become one."""

from collections.abc import Collection

from . import contexts, events
from .call import Call, Channel, is_wire
from .calls import Calls
from .facts import CallEnded, CallEvent
from .ids import AgentId, CallId, ChannelId, attempt_of_channel
from .outcome import Outcome
from .recovery import OpenCall


class Silence:
    """Brings `Calls` up to date where no event told."""

    def __init__(self, calls: Calls) -> None:
        self._calls, self._channels = calls, calls.channels
        self._held: dict[CallId, AgentId | None] = {}
        """Calls from before a restart that somebody held, and who."""

    def recover(self, calls: Collection[OpenCall]) -> None:
        """Calls the database believes open, before the first seed."""
        pause_seconds = self._calls.index.directory.recording_pause_seconds
        self._held = {row.call: row.talks_with for row in calls if row.state == "held"}
        for row in calls:
            self._calls.calls[row.call] = Call(
                id=row.call,
                channel=row.channel,
                boot=row.boot,
                started_at=row.started_at,
                from_number=row.from_number,
                to_number=row.to_number,
                direction=row.direction,
                center=row.center,
                job=row.job,
                attempt=row.attempt,
                agent=row.talks_with,
                partner=row.partner,
                answered_at=row.started_at if row.answered else None,
                answered=row.answered,
                queued_at=row.state_since if row.state == "waiting" else None,
                promised=row.promised,
                recorder=row.recorder,
                paused_until=None if row.paused_at is None else row.paused_at + pause_seconds,
                placed_by=row.agent if row.direction == "outbound" or not row.answered else None,
            )

    def reconcile(self, seed: events.Seed, now: float, out: Outcome) -> None:
        """Make belief equal to what lives in Asterisk; calls that are gone end as `lost` (the journal knows more)."""
        self._calls.boot = seed.boot
        parties = [party for party in seed.channels if not is_wire(party.channel)]
        living = {party.uniqueid for party in parties}
        for channel in [
            one for one in self._channels.by_id.values() if one.id not in living or self._of_another_boot(one)
        ]:
            self._forget(channel)
        self._channels.dissolve()
        for party in sorted(parties, key=lambda party: party.linkedid != party.uniqueid):
            channel = self._calls.new_channel(party, now, out)
            channel.name, channel.dialing = party.channel, False
            self._met_late(channel, party, now, out)
        for entry in seed.entries:
            self._waits(entry, now, out)
        self._wait_no_more(seed, now, out)
        for bridge in seed.bridges:
            self._restore(bridge, now, out)
        self._held.clear()
        for call in [call for call in self._calls.calls.values() if not call.channels]:
            del self._calls.calls[call.id]
            if call.direction is not None:
                out.facts.append(CallEnded(call.id, now, "lost"))

    def _met_late(self, channel: Channel, party: events.Party, now: float, out: Outcome) -> None:
        """A channel met in the middle of its life: which call it is part of is known, what came before is not."""
        call = self._calls.calls[channel.call]
        first, outside = call.channel == channel.id, self._calls.index.is_trunk(channel.endpoint)
        if not first and channel.state in ("Down", "Ringing"):
            channel.dialed = True
            if (caller := self._channels.get(call.channel)) is not None:
                caller.dialing = True
        if call.direction is not None or attempt_of_channel(channel.id) is not None:
            return
        call.context = ""  # what it dialed before may have been told: the journal knows
        call.started_at = _born(call.channel, now)
        if not first:
            self._calls.announce(call, "outbound" if outside else "internal", out)
        elif outside and call.to_number not in self._calls.index.directory.service_numbers:
            self._came_in(call, party, now, out)

    def _came_in(self, call: Call, party: events.Party, now: float, out: Outcome) -> None:
        """A call from outside that nobody saw arrive; in a center's dialplan it is recorded as the center wants."""
        dialed = party.exten if party.context == contexts.CENTER else ""
        center = next((center for center in self._calls.index.centers.values() if center.extension == dialed), None)
        if center is not None:
            call.center, call.to_number = center.id, center.number
        self._calls.announce(call, "inbound", out)
        if center is not None and center.recording:
            self._calls.recording(party, now, out)

    def _waits(self, entry: events.QueueEntry, now: float, out: Outcome) -> None:
        call, center = self._calls.call_of(entry.uniqueid), self._calls.index.center_by_queue.get(entry.queue)
        if call is None or center is None or call.queued_at is not None:
            return
        call.queued_at, call.center = now - entry.wait_seconds, center.id
        if call.direction is None:  # somebody inside called the center: what comes from a trunk is announced already
            self._calls.announce(call, "internal", out)
        out.facts.append(CallEvent(call.id, call.queued_at, "queued", call.center, detail=str(entry.position)))

    def _wait_no_more(self, seed: events.Seed, now: float, out: Outcome) -> None:
        """Who has left the queue unheard."""
        waiting = {entry.uniqueid for entry in seed.entries}
        for call in self._calls.calls.values():
            waits = call.queued_at is not None and call.left_queue_at is None and not call.answered
            if waits and call.channels and call.channel not in waiting:
                call.left_queue_at = now
                out.facts.append(CallEvent(call.id, now, "left_queue", call.center))

    def _restore(self, bridge: events.BridgeMembers, now: float, out: Outcome) -> None:
        members = self._channels.restore(bridge.bridge, bridge.channels)
        call = self._calls.bridge_call(bridge.bridge)
        for channel in (self._channels.by_id[member] for member in members):
            if call is not None and call.id in self._held:
                channel.held = self._calls.agent_at(channel.endpoint) == self._held[call.id] is not None
        if len(members) > 1 and call is not None:
            self._calls.met(call, members, now, out)

    def _of_another_boot(self, channel: Channel) -> bool:
        call = self._calls.calls.get(channel.call)
        return call is not None and call.boot != self._calls.boot

    def _forget(self, channel: Channel) -> None:
        self._channels.remove(channel)
        if channel.call in self._calls.calls:
            self._calls.calls[channel.call].channels.discard(channel.id)


def _born(channel: ChannelId, now: float) -> float:
    """When a channel began, to the second: its uniqueid is `[systemname-]epoch.serial`. `now` when it tells nothing."""
    epoch = channel.rpartition("-")[2].partition(".")[0]
    return min(now, float(epoch)) if epoch.isascii() and epoch.isdecimal() and len(epoch) <= 12 else now
