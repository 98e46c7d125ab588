"""Reads all that lives in Asterisk at this moment. AMI has no replay, so this follows every login."""

import secrets
from collections.abc import Iterable
from typing import Final

from pbx_bridge.core.actions import SetVariable
from pbx_bridge.core.events import BridgeMembers, ContactStatus, QueueEntry, QueueMember, Seed
from pbx_bridge.core.ids import BootId, BridgeId, ChannelId

from .decode import member, number, party, text
from .link import Link
from .message import Message
from .queries import CHANNELS, CONTACTS, QUEUES, Query, variable

BRIDGES: Final = Query("BridgeList", ends="BridgeListComplete")
_BOOT: Final = "PBX_BOOT"


async def read_seed(observer: Link, controller: Link) -> Seed:
    """One consistent-enough picture: what changes while it is read arrives as events right behind it.

    Raises `Unreachable` or `Rejected` when a list cannot be read.
    """
    boot = await _boot(observer, controller)
    channels = (await observer.read(CHANNELS)).events
    bridges = (await observer.read(BRIDGES)).events
    queues = (await observer.read(QUEUES)).events
    contacts = (await observer.read(CONTACTS)).events
    return Seed(
        boot=boot,
        channels=tuple(party(message.fields) for message in channels if message.name == "CoreShowChannel"),
        bridges=_bridges(channels, bridges),
        members=tuple(_members(queues)),
        entries=tuple(_entry(message) for message in queues if message.name == "QueueEntry"),
        contacts=tuple(_contact(message) for message in contacts if message.name == "ContactList"),
    )


async def _boot(observer: Link, controller: Link) -> BootId:
    """The name of this life of Asterisk: a global variable dies with the process and with nothing else (fact F7)."""
    known = (await observer.read(variable("", _BOOT))).response.get("Value")
    if known:
        return BootId(known)
    fresh = secrets.token_hex(4)
    await controller.send(SetVariable(_BOOT, fresh))
    return BootId(fresh)


def _bridges(channels: Iterable[Message], bridges: Iterable[Message]) -> tuple[BridgeMembers, ...]:
    talking = {
        text(item.fields, "BridgeUniqueid")
        for item in bridges
        if item.name == "BridgeListItem" and text(item.fields, "BridgeTechnology") != "holding_bridge"
    }
    members: dict[str, list[ChannelId]] = {}
    for item in channels:
        bridge = item.get("BridgeId") if item.name == "CoreShowChannel" else ""
        if bridge and bridge in talking:
            members.setdefault(bridge, []).append(ChannelId(text(item.fields, "Uniqueid")))
    return tuple(BridgeMembers(BridgeId(bridge), tuple(found)) for bridge, found in members.items())


def _members(queues: Iterable[Message]) -> list[QueueMember]:
    return [member(message.fields) for message in queues if message.name == "QueueMember"]


def _entry(message: Message) -> QueueEntry:
    fields = message.fields
    return QueueEntry(
        queue=text(fields, "Queue"),
        uniqueid=ChannelId(text(fields, "Uniqueid")),
        channel=text(fields, "Channel"),
        position=number(fields, "Position"),
        wait_seconds=number(fields, "Wait"),
    )


def _contact(message: Message) -> ContactStatus:
    fields = message.fields
    return ContactStatus(text(fields, "Aor"), text(fields, "Uri"), text(fields, "Status"))
