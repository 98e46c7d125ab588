"""Consultations by the feature code for an attended transfer, which Asterisk places through a wire (a Local channel).

By SIP the agent's phone has two channels, and the second one's call is the consultation. By code it has one, which
goes from the customer's bridge to another where the near end of a wire waits; the far end dials. What happens is
the same, and is told the same: a call of its own, until the two are joined or the agent is back with the customer.
"""

from collections.abc import Callable

from msgspec import Struct

from . import events
from .call import Call, Channel, wire_of
from .ids import BootId, BridgeId, CallId, ChannelId, NodeId, call_id


class Consultation(Struct):
    """`by` is the agent's channel, which belongs to the customer's call all the while; `call` begins with the dial."""

    wire: str
    channel: ChannelId
    """The wire's near end."""
    exten: str
    by: ChannelId | None = None
    began: float = 0.0
    call: Call | None = None


class Consultations:
    """Every one of the node that goes on, by its wire."""

    def __init__(self, node: NodeId, channel: Callable[[ChannelId], Channel | None]) -> None:
        self._node, self._channel = node, channel
        self.by_wire: dict[str, Consultation] = {}
        self._near: dict[BridgeId, Consultation] = {}
        """Wires whose near end is in a bridge, with nobody of ours yet or with whom it was placed for."""

    def wire_entered(self, event: events.BridgeEnter) -> None:
        """Near ends only: the far end is where the consulted phone is."""
        if event.party.channel.endswith(";1"):
            wire = wire_of(event.party.channel)
            found = self.by_wire.get(wire) or Consultation(wire, event.party.uniqueid, event.party.exten)
            self._near[event.bridge] = self.by_wire[wire] = found

    def wire_left(self, event: events.BridgeLeave) -> None:
        self._near.pop(event.bridge, None)

    def entered(self, channel: Channel, bridge: BridgeId, now: float) -> None:
        """Who holds somebody elsewhere and comes to where a wire waits, consults through it."""
        found = self._near.get(bridge)
        if found is not None and found.by is None and channel.held:
            found.by, found.began = channel.id, now

    def dialing(self, wire: str, boot: BootId) -> Call | None:
        """The call that a dial from the far end of this wire is; None when the wire is another kind's."""
        found = self.by_wire.get(wire)
        by = self._channel(found.by) if found is not None and found.by is not None else None
        if found is None or by is None:
            return None
        if found.call is None:
            id = call_id(self._node, boot, found.channel)
            found.call = Call(id, found.channel, boot, found.began, by.number, found.exten)
        return found.call

    def of(self, channel: ChannelId) -> Call | None:
        """The consultation that this agent's channel has placed."""
        return next((one.call for one in self.by_wire.values() if one.by == channel), None)

    def placed_by(self, call: CallId) -> ChannelId | None:
        """The agent's channel that placed it."""
        return next((one.by for one in self.by_wire.values() if one.call is not None and one.call.id == call), None)

    def through(self, call: CallId) -> bool:
        """Whether this call is one."""
        return any(one.call is not None and one.call.id == call for one in self.by_wire.values())

    def over(self, wire: str) -> None:
        """The wire is gone."""
        self.by_wire.pop(wire, None)
        self._near = {bridge: one for bridge, one in self._near.items() if one.wire != wire}
