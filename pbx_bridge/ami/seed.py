"""What lives in Asterisk at one moment, from the answers to a handful of reads. Pure."""

from collections import defaultdict
from collections.abc import Iterable

from pbx_bridge.core.events import BridgeMembers, ContactStatus, QueueEntry, QueueMember, Seed
from pbx_bridge.core.ids import BootId, BridgeId, ChannelId

from .decode import member, number, party, text
from .message import Message


def seed_from(
    status: Message, channels: Iterable[Message], queues: Iterable[Message], contacts: Iterable[Message]
) -> Seed:
    """CoreStatus, CoreShowChannels, QueueStatus and PJSIPShowContacts as one record. Raises `Garbled`."""
    rows = [message.fields for message in channels]
    in_queues = list(queues)
    return Seed(
        boot=boot_of(status),
        channels=tuple(party(row) for row in rows),
        bridges=_bridges(rows),
        members=tuple(_members(in_queues)),
        entries=tuple(_entries(in_queues)),
        contacts=tuple(_contact(message) for message in contacts),
    )


def boot_of(status: Message) -> BootId:
    """One life of an Asterisk process, by its start in its own words (F7: uniqueids alone repeat)."""
    return BootId(f"{status['CoreStartupDate']}T{status['CoreStartupTime']}")


def _bridges(rows: Iterable[dict[str, str]]) -> tuple[BridgeMembers, ...]:
    members: defaultdict[str, list[ChannelId]] = defaultdict(list)
    for row in rows:
        bridge = row.get("BridgeId", "")
        if bridge:
            members[bridge].append(ChannelId(row["Uniqueid"]))
    return tuple(BridgeMembers(BridgeId(bridge), tuple(inside)) for bridge, inside in members.items())


def _members(messages: Iterable[Message]) -> Iterable[QueueMember]:
    return (member(message.fields) for message in messages if message.name == "QueueMember")


def _entries(messages: Iterable[Message]) -> Iterable[QueueEntry]:
    for message in messages:
        if message.name == "QueueEntry":
            fields = message.fields
            yield QueueEntry(
                queue=message["Queue"],
                uniqueid=ChannelId(message["Uniqueid"]),
                channel=message["Channel"],
                position=number(fields, "Position"),
                wait_seconds=number(fields, "Wait"),
            )


def _contact(message: Message) -> ContactStatus:
    fields = message.fields
    # ObjectName is `aor;@hash-of-the-uri`.
    aor = message["ObjectName"].partition(";@")[0]
    return ContactStatus(aor=aor, uri=text(fields, "Uri"), status=text(fields, "Status"))
