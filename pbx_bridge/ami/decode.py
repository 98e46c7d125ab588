"""AMI events as the core's events: a table from the event's name to a small function. Pure.

Header names: https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/AMI_Events/
A name the table does not hold is counted; one that means nothing to us is listed as such, so that a new Asterisk
shows itself.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import compress, repeat
from operator import itemgetter
from typing import Final

from pbx_bridge.core import events
from pbx_bridge.core.errors import Garbled
from pbx_bridge.core.events import Event, Party
from pbx_bridge.core.ids import BridgeId, ChannelId

from .message import Message, name_of
from .unheard import UNHEARD

Fields = dict[str, str]

_ESCAPED: Final = re.compile(r"\\(.)")
_C_ESCAPES: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def text(fields: Fields, name: str) -> str:
    """A header's value; empty when absent or `<unknown>`, Asterisk's word for empty."""
    value = fields.get(name, "")
    return "" if value == "<unknown>" else value


def name(fields: Fields, header: str) -> str:
    """A caller's name as a person wrote it: of a channel's headers Asterisk escapes this one as C would
    (ast_escape_c in ast_manager_build_channel_state_string_prefix)."""
    value = text(fields, header)
    return _ESCAPED.sub(lambda found: _C_ESCAPES.get(found[1], found[1]), value) if "\\" in value else value


def number(fields: Fields, name: str) -> int:
    """A decimal header; 0 when absent or empty. `Garbled` when it is something else."""
    value = fields.get(name) or "0"
    try:
        return int(value)
    except ValueError:
        raise Garbled(f"AMI header {name} should be a number, not {value!r}") from None


def party(fields: Fields, prefix: str = "") -> Party:
    """The channel that the headers with this prefix describe (`Dest`, `Transferer` …); `Garbled` without one."""
    try:
        return Party(
            uniqueid=ChannelId(fields[f"{prefix}Uniqueid"]),
            channel=fields[f"{prefix}Channel"],
            linkedid=ChannelId(fields[f"{prefix}Linkedid"]),
            state=fields[f"{prefix}ChannelStateDesc"],
            caller_number=text(fields, f"{prefix}CallerIDNum"),
            caller_name=name(fields, f"{prefix}CallerIDName"),
            connected_number=text(fields, f"{prefix}ConnectedLineNum"),
            context=fields[f"{prefix}Context"],
            exten=fields[f"{prefix}Exten"],
        )
    except KeyError as missing:
        raise Garbled(f"AMI {fields.get('Event', 'event')}: the header {missing.args[0]} is missing") from None


def maybe_party(fields: Fields, prefix: str) -> Party | None:
    """None when the event has no such channel."""
    return party(fields, prefix) if f"{prefix}Uniqueid" in fields else None


def bridge(fields: Fields) -> BridgeId:
    return BridgeId(_wanted(fields, "BridgeUniqueid"))


def member(fields: Fields) -> events.QueueMember:
    """QueueMemberAdded, …Status, …Pause and, with other names, QueueStatus's QueueMember."""
    interface = fields.get("Interface") or _wanted(fields, "Location")
    device = text(fields, "StateInterface")
    return events.QueueMember(
        queue=_wanted(fields, "Queue"),
        interface=interface,
        member_name=fields.get("MemberName") or text(fields, "Name"),
        penalty=number(fields, "Penalty"),
        paused=number(fields, "Paused") != 0,
        paused_reason=text(fields, "PausedReason"),
        status=number(fields, "Status"),
        device="" if device == interface else device,
    )


def _wanted(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if value is None:
        raise Garbled(f"AMI {fields.get('Event', 'event')}: the header {name} is missing")
    return value


def _renamed(fields: Fields) -> Event:
    return events.Renamed(ChannelId(_wanted(fields, "Uniqueid")), _wanted(fields, "Newname"))


def _dial_begin(fields: Fields) -> Event:
    return events.DialBegin(maybe_party(fields, ""), party(fields, "Dest"), text(fields, "DialString"))


def _dial_end(fields: Fields) -> Event:
    return events.DialEnd(maybe_party(fields, ""), party(fields, "Dest"), _wanted(fields, "DialStatus"))


def _bridge_enter(fields: Fields) -> Event:
    return events.BridgeEnter(bridge(fields), text(fields, "BridgeTechnology"), party(fields))


def _blind_transfer(fields: Fields) -> Event:
    return events.BlindTransfer(
        transferer=party(fields, "Transferer"),
        transferee=maybe_party(fields, "Transferee"),
        exten=text(fields, "Extension"),
        result=_wanted(fields, "Result"),
    )


def _attended_transfer(fields: Fields) -> Event:
    return events.AttendedTransfer(
        original=party(fields, "OrigTransferer"),
        second=party(fields, "SecondTransferer"),
        transferee=maybe_party(fields, "Transferee"),
        target=maybe_party(fields, "TransferTarget"),
        result=_wanted(fields, "Result"),
    )


def _queue_caller_join(fields: Fields) -> Event:
    return events.QueueCallerJoin(party(fields), _wanted(fields, "Queue"), number(fields, "Position"))


def _queue_caller_abandon(fields: Fields) -> Event:
    return events.QueueCallerAbandon(party(fields), _wanted(fields, "Queue"), number(fields, "HoldTime"))


def _agent_called(fields: Fields) -> Event:
    return events.AgentCalled(
        party(fields), party(fields, "Dest"), _wanted(fields, "Queue"), _wanted(fields, "Interface")
    )


def _agent_connect(fields: Fields) -> Event:
    return events.AgentConnect(
        party(fields),
        party(fields, "Dest"),
        _wanted(fields, "Queue"),
        _wanted(fields, "Interface"),
        number(fields, "HoldTime"),
    )


def _agent_complete(fields: Fields) -> Event:
    return events.AgentComplete(
        party(fields),
        party(fields, "Dest"),
        _wanted(fields, "Queue"),
        _wanted(fields, "Interface"),
        number(fields, "TalkTime"),
        text(fields, "Reason"),
    )


def _member_removed(fields: Fields) -> Event:
    return events.QueueMemberRemoved(_wanted(fields, "Queue"), _wanted(fields, "Interface"))


def _contact_status(fields: Fields) -> Event:
    return events.ContactStatus(_wanted(fields, "AOR"), text(fields, "URI"), _wanted(fields, "ContactStatus"))


def _originate_response(fields: Fields) -> Event:
    return events.OriginateResponse(
        action_id=fields.get("ActionID", ""),
        succeeded=_wanted(fields, "Response") == "Success",
        uniqueid=ChannelId(text(fields, "Uniqueid")),
        reason=number(fields, "Reason"),
    )


_CHANNEL_HEADERS: Final = frozenset(
    {
        "Event",
        "Privilege",
        "UserEvent",
        "Channel",
        "ChannelState",
        "ChannelStateDesc",
        "CallerIDNum",
        "CallerIDName",
        "ConnectedLineNum",
        "ConnectedLineName",
        "Language",
        "AccountCode",
        "Context",
        "Exten",
        "Priority",
        "Uniqueid",
        "Linkedid",
    }
)


def _user_event(fields: Fields) -> Event:
    own = {name: value for name, value in fields.items() if name not in _CHANNEL_HEADERS}
    return events.UserEvent(_wanted(fields, "UserEvent"), maybe_party(fields, ""), own)


def _recording_muted(fields: Fields) -> Event:
    return events.RecordingMuted(party(fields), number(fields, "State") != 0)


Decode = Callable[[Fields], Event]

_TABLE: Final[dict[str, Decode]] = {
    "Newchannel": lambda f: events.NewChannel(party(f)),
    "Newstate": lambda f: events.NewState(party(f)),
    "Newexten": lambda f: events.NewExten(party(f)),
    "Rename": _renamed,
    "NewCallerid": lambda f: events.NewCallerId(party(f)),
    "DialBegin": _dial_begin,
    "DialEnd": _dial_end,
    "Hangup": lambda f: events.Hangup(party(f), number(f, "Cause")),
    "BridgeEnter": _bridge_enter,
    "BridgeLeave": lambda f: events.BridgeLeave(bridge(f), party(f)),
    "BridgeDestroy": lambda f: events.BridgeDestroy(bridge(f)),
    "Hold": lambda f: events.Hold(party(f)),
    "Unhold": lambda f: events.Unhold(party(f)),
    "BlindTransfer": _blind_transfer,
    "AttendedTransfer": _attended_transfer,
    "QueueCallerJoin": _queue_caller_join,
    "QueueCallerLeave": lambda f: events.QueueCallerLeave(party(f), _wanted(f, "Queue")),
    "QueueCallerAbandon": _queue_caller_abandon,
    "AgentCalled": _agent_called,
    "AgentConnect": _agent_connect,
    "AgentComplete": _agent_complete,
    "QueueMemberAdded": member,
    "QueueMemberStatus": member,
    "QueueMemberPause": member,
    "QueueMemberPenalty": member,
    "QueueMemberRemoved": _member_removed,
    "DeviceStateChange": lambda f: events.DeviceState(_wanted(f, "Device"), _wanted(f, "State")),
    "ContactStatus": _contact_status,
    "OriginateResponse": _originate_response,
    "UserEvent": _user_event,
    "MixMonitorStart": lambda f: events.RecordingStarted(party(f)),
    "MixMonitorStop": lambda f: events.RecordingStopped(party(f)),
    "MixMonitorMute": _recording_muted,
    "ChanSpyStart": lambda f: events.SpyStarted(party(f, "Spyer"), party(f, "Spyee")),
    "ChanSpyStop": lambda f: events.SpyStopped(party(f, "Spyer")),
    "Shutdown": lambda f: events.ShutDown(),
}

_TOLD_TWICE: Final = frozenset(
    {
        "Newexten",
        "QueueCallerAbandon",
        "AgentCalled",
        "AgentConnect",
        "AgentComplete",
        "QueueMemberAdded",
        "QueueMemberStatus",
        "QueueMemberPause",
        "QueueMemberPenalty",
        "QueueMemberRemoved",
        "DeviceStateChange",
        "MixMonitorStop",
        "MixMonitorMute",
        "ChanSpyStart",
        "ChanSpyStop",
    }
)
"""What the switchboard passes over, because channels, bridges and our own memberships already say it: half of a real
stream. A name leaves this set when `Switchboard.apply` begins to listen to its event."""

LIVE: Final = frozenset(_TABLE) - _TOLD_TWICE
EVERYTHING: Final = frozenset(_TABLE)

_UNKNOWN_KEPT: Final = 200
"""Different unknown names remembered: they come from outside."""

_HEAD: Final = itemgetter(slice(0, 36))
"""Of a packet: enough for the first line of nearly every event, and what it shows of the second is a privilege, the
same for every event of the name."""
_HEADS_KEPT: Final = 1024


class Decoder:
    """Turns packets into events. `unknown` counts event names nobody has heard of, `garbled` those whose headers
    were not what Asterisk documents (`last_fault` says what of the latest); neither stops the stream.

    Most packets do not concern us. How those begin is remembered, and while a packet begins like one of them it is
    passed over without a line of Python for it: what remains takes three fifths of the time (`make bench`)."""

    def __init__(self, names: Iterable[str] = LIVE) -> None:
        self.unknown: Counter[str] = Counter()
        self.garbled: Counter[str] = Counter()
        self.last_fault = ""
        wanted = frozenset(names)
        # Looked up by the bytes from the eighth on: behind `Event: `.
        self._table: dict[bytes, Decode | None] = {name.encode(): None for name in (*_TABLE, *UNHEARD)}
        self._table |= {name.encode(): _TABLE[name] for name in wanted}
        self._concerns_us: dict[bytes, bool] = {}
        """By a packet's head: only those that do not."""

    def decode(self, packets: Sequence[bytes]) -> list[Event]:
        """The events that mean something, in order."""
        decoded: list[Event] = []
        concern = map(self._concerns_us.get, map(_HEAD, packets), repeat(True))
        for packet in compress(packets, concern):
            end = packet.find(b"\r\n")
            try:
                decode = self._table[packet[7:end]]
            except KeyError:
                self._note_unknown(packet)
                continue
            if packet[:7] != b"Event: ":
                continue
            if decode is None:
                self._pass_over(packet, end)
                continue
            try:
                decoded.append(decode(Message(packet).fields))
            except Garbled as fault:
                self._note_garbled(packet, fault)
        return decoded

    def _pass_over(self, packet: bytes, end: int) -> None:
        """This packet, and from now on whatever begins with the same bytes, if those hold the whole name."""
        head = _HEAD(packet)
        if 0 <= end <= len(head) - 2 and len(self._concerns_us) < _HEADS_KEPT:
            self._concerns_us[head] = False

    def _note_unknown(self, packet: bytes) -> None:
        name = name_of(packet).decode("utf-8", "replace")
        if name in self.unknown or len(self.unknown) < _UNKNOWN_KEPT:
            self.unknown[name] += 1

    def _note_garbled(self, packet: bytes, fault: Garbled) -> None:
        self.garbled[name_of(packet).decode("utf-8", "replace")] += 1
        self.last_fault = str(fault)
