"""What may be read from Asterisk, and the event that closes each list. Pure.

Reads change nothing, so they are sent again after a reconnect.
"""

from msgspec import Struct

from .encode import Header


class Query(Struct, frozen=True):
    """A read action; `ends` is empty when the response alone is the answer."""

    name: str
    headers: tuple[Header, ...] = ()
    ends: str = ""


CHANNELS = Query("CoreShowChannels", ends="CoreShowChannelsComplete")
BRIDGES = Query("BridgeList", ends="BridgeListComplete")
QUEUES = Query("QueueStatus", ends="QueueStatusComplete")
# Whether phones are there, by their device state: PJSIPShowContacts would need the write privilege `system`, with
# which one may also unload modules and change Asterisk's database.
DEVICES = Query("DeviceStateList", ends="DeviceStateListComplete")


def variable(channel: str, name: str) -> Query:
    """One channel variable; the reply's `Value` holds it."""
    return Query("Getvar", (("Channel", channel), ("Variable", name)))
