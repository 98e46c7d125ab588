"""The channels and bridges of one Asterisk: which are there, on which phone, who is with whom. What they mean as calls
is `calls`."""

from collections.abc import Iterable

from .call import Channel
from .ids import BridgeId, ChannelId


class Channels:
    """Every channel, by id and by phone, and every bridge with somebody in it."""

    def __init__(self) -> None:
        self.by_id: dict[ChannelId, Channel] = {}
        self.bridges: dict[BridgeId, set[ChannelId]] = {}
        self._by_endpoint: dict[str, set[ChannelId]] = {}

    def __contains__(self, id: ChannelId) -> bool:
        return id in self.by_id

    def get(self, id: ChannelId | None) -> Channel | None:
        return self.by_id.get(id) if id is not None else None

    def name(self, id: ChannelId) -> str:
        """A channel's name for Asterisk, empty when it is gone."""
        channel = self.by_id.get(id)
        return channel.name if channel else ""

    def at(self, endpoint: str) -> list[Channel]:
        """A phone's channels, in no order."""
        return [self.by_id[id] for id in self._by_endpoint.get(endpoint, ())]

    def add(self, channel: Channel) -> None:
        self.by_id[channel.id] = channel
        if channel.endpoint:
            self._by_endpoint.setdefault(channel.endpoint, set()).add(channel.id)

    def remove(self, channel: Channel) -> None:
        """Also out of its bridge."""
        self.leave(channel)
        del self.by_id[channel.id]
        if channel.endpoint:
            self._by_endpoint[channel.endpoint].discard(channel.id)

    # -- bridges ---------------------------------------------------------------------------------------------------

    def members(self, bridge: BridgeId | None) -> set[ChannelId]:
        return self.bridges.get(bridge, set()) if bridge is not None else set()

    def mates(self, channel: Channel) -> list[ChannelId]:
        """Who else is in its bridge, sorted."""
        return sorted(self.members(channel.bridge) - {channel.id})

    def join(self, channel: Channel, bridge: BridgeId) -> set[ChannelId]:
        """The members after it came; out of another bridge it goes."""
        self.leave(channel)
        channel.bridge = bridge
        members = self.bridges.setdefault(bridge, set())
        members.add(channel.id)
        return members

    def leave(self, channel: Channel) -> None:
        """Nothing when it is in no bridge."""
        members = self.members(channel.bridge)
        members.discard(channel.id)
        if channel.bridge is not None and not members:
            self.bridges.pop(channel.bridge, None)
        channel.bridge = None

    def dissolve(self) -> None:
        """Nobody is with anybody: before a seed says who is."""
        self.bridges.clear()
        for channel in self.by_id.values():
            channel.bridge = None

    def restore(self, bridge: BridgeId, ids: Iterable[ChannelId]) -> set[ChannelId]:
        """A bridge that stands already: its members as far as they are known here."""
        for id in ids:
            if id in self.by_id:
                self.join(self.by_id[id], bridge)
        return self.members(bridge)
