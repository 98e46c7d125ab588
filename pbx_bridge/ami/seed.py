"""What lives in Asterisk at one moment, from the answers to a handful of reads. Pure."""

from collections import defaultdict
from collections.abc import Iterable

from pbx_bridge.core.events import BridgeMembers, ContactStatus, QueueEntry, QueueMember, Seed
from pbx_bridge.core.ids import BootId, BridgeId, ChannelId

from .decode import member, number, party
from .message import Message


def seed_from(
    boot: BootId,
    channels: Iterable[Message],
    bridges: Iterable[Message],
    queues: Iterable[Message],
    devices: Iterable[Message],
) -> Seed:
    """CoreShowChannels, BridgeList, QueueStatus and DeviceStateList as one record. Raises `Garbled`."""
    rows = [message.fields for message in channels]
    in_queues = list(queues)
    return Seed(
        boot=boot,
        channels=tuple(party(row) for row in rows),
        bridges=_bridges(rows, bridges),
        members=tuple(_members(in_queues)),
        entries=tuple(_entries(in_queues)),
        contacts=tuple(_contacts(devices)),
    )


def _bridges(rows: Iterable[dict[str, str]], bridges: Iterable[Message]) -> tuple[BridgeMembers, ...]:
    """Who is together with whom; a holding bridge (BridgeWait) joins nobody and is left out."""
    holding = {message["BridgeUniqueid"] for message in bridges if message["BridgeTechnology"] == "holding_bridge"}
    members: defaultdict[str, list[ChannelId]] = defaultdict(list)
    for row in rows:
        bridge = row.get("BridgeId", "")
        if bridge and bridge not in holding:
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


def _contacts(messages: Iterable[Message]) -> Iterable[ContactStatus]:
    """A phone without a living registration is UNAVAILABLE; its address of record has its endpoint's name."""
    for message in messages:
        technology, _, endpoint = message.get("Device", "").partition("/")
        if technology == "PJSIP":
            there = message.get("State", "") not in ("UNAVAILABLE", "INVALID", "UNKNOWN")
            yield ContactStatus(aor=endpoint, uri="", status="Reachable" if there else "Unreachable")
