"""What Asterisk said, typed. One record an AMI event, with only the headers that mean something to us.

Field names follow Asterisk's own (https://docs.asterisk.org, AMI events of 22). `channel` is a channel's name
(`PJSIP/1001-00000003`), `uniqueid` its id. Absent values are empty strings, as in AMI (`<unknown>` becomes empty).
"""

from typing import Literal

from msgspec import Struct

from .ids import BootId, BridgeId, ChannelId

ChannelState = Literal["Down", "Rsrvd", "OffHook", "Dialing", "Ring", "Ringing", "Up", "Busy", "Unknown"]


class Party(Struct, frozen=True):
    """A channel as nearly every event describes it."""

    uniqueid: ChannelId
    channel: str
    linkedid: ChannelId
    state: str
    caller_number: str
    caller_name: str
    connected_number: str
    context: str
    exten: str


class NewChannel(Struct, frozen=True, tag=True):
    party: Party


class NewState(Struct, frozen=True, tag=True):
    party: Party


class NewExten(Struct, frozen=True, tag=True):
    """Only used to notice where a channel is (context, exten); not subscribed in production."""

    party: Party


class Renamed(Struct, frozen=True, tag=True):
    uniqueid: ChannelId
    new_name: str


class NewCallerId(Struct, frozen=True, tag=True):
    party: Party


class DialBegin(Struct, frozen=True, tag=True):
    """`caller` is None when the dial comes from an Originate."""

    caller: Party | None
    dest: Party
    dial_string: str


class DialEnd(Struct, frozen=True, tag=True):
    caller: Party | None
    dest: Party
    status: str
    """ABORT, ANSWER, BUSY, CANCEL, CHANUNAVAIL, CONGESTION, CONTINUE, GOTO, NOANSWER."""


class Hangup(Struct, frozen=True, tag=True):
    party: Party
    cause: int
    """ITU-T Q.850 cause."""


class BridgeEnter(Struct, frozen=True, tag=True):
    bridge: BridgeId
    technology: str
    party: Party


class BridgeLeave(Struct, frozen=True, tag=True):
    bridge: BridgeId
    party: Party


class BridgeDestroy(Struct, frozen=True, tag=True):
    bridge: BridgeId


class Hold(Struct, frozen=True, tag=True):
    party: Party


class Unhold(Struct, frozen=True, tag=True):
    party: Party


class BlindTransfer(Struct, frozen=True, tag=True):
    transferer: Party
    transferee: Party | None
    exten: str
    result: str


class AttendedTransfer(Struct, frozen=True, tag=True):
    """`original` and `second` are the transferer's two channels; `target` the third party, when known."""

    original: Party
    second: Party
    transferee: Party | None
    target: Party | None
    result: str


class QueueCallerJoin(Struct, frozen=True, tag=True):
    party: Party
    queue: str
    position: int


class QueueCallerLeave(Struct, frozen=True, tag=True):
    party: Party
    queue: str


class QueueCallerAbandon(Struct, frozen=True, tag=True):
    party: Party
    queue: str
    hold_seconds: int


class AgentCalled(Struct, frozen=True, tag=True):
    """app_queue rings a member for a waiting caller."""

    caller: Party
    dest: Party
    queue: str
    interface: str


class AgentConnect(Struct, frozen=True, tag=True):
    caller: Party
    dest: Party
    queue: str
    interface: str
    hold_seconds: int


class AgentComplete(Struct, frozen=True, tag=True):
    caller: Party
    dest: Party
    queue: str
    interface: str
    talk_seconds: int
    reason: str
    """caller, agent or transfer: who ended it."""


class QueueMember(Struct, frozen=True, tag=True):
    """A member as QueueMemberAdded/Status/Pause or QueueStatus's QueueMember reports it."""

    queue: str
    interface: str
    member_name: str
    penalty: int
    paused: bool
    paused_reason: str
    status: int
    """Device state number of app_queue: 1 not in use, 2 in use, 3 busy, 4 invalid, 5 unavailable, 6 ringing."""
    device: str = ""
    """Whose state that is, when it is not the interface's own."""


class QueueMemberRemoved(Struct, frozen=True, tag=True):
    queue: str
    interface: str


class QueueEntry(Struct, frozen=True, tag=True):
    """A waiting caller, from QueueStatus while seeding."""

    queue: str
    uniqueid: ChannelId
    channel: str
    position: int
    wait_seconds: int


class DeviceState(Struct, frozen=True, tag=True):
    device: str
    state: str


class ContactStatus(Struct, frozen=True, tag=True):
    """A phone's registration: status is Created, Reachable, Unreachable, NonQualified, Removed …"""

    aor: str
    uri: str
    status: str


class OriginateResponse(Struct, frozen=True, tag=True):
    """Matched by `action_id`, never by uniqueid: a refused duplicate carries the living call's uniqueid."""

    action_id: str
    succeeded: bool
    uniqueid: ChannelId
    reason: int
    """0 failure or unreachable, 1 hang-up, 3 ringing until the time-out, 4 answered, 5 busy, 8 congested."""


class UserEvent(Struct, frozen=True, tag=True):
    """Raised by our own dialplan: `name` is the UserEvent header, `fields` its own headers."""

    name: str
    party: Party | None
    fields: dict[str, str]


class RecordingStarted(Struct, frozen=True, tag=True):
    party: Party


class RecordingStopped(Struct, frozen=True, tag=True):
    party: Party


class RecordingMuted(Struct, frozen=True, tag=True):
    party: Party
    muted: bool


class SpyStarted(Struct, frozen=True, tag=True):
    spy: Party
    target: Party


class SpyStopped(Struct, frozen=True, tag=True):
    spy: Party


class ShutDown(Struct, frozen=True, tag=True):
    """Asterisk says it is going away."""


class LinkDown(Struct, frozen=True, tag=True):
    """Ours, not Asterisk's: the AMI connection is gone, so what we believe is now only a belief."""

    reason: str


class BridgeMembers(Struct, frozen=True):
    bridge: BridgeId
    channels: tuple[ChannelId, ...]


class Seed(Struct, frozen=True, tag=True):
    """Everything that lives in Asterisk at one moment, read after every login: AMI has no replay."""

    boot: BootId
    channels: tuple[Party, ...]
    bridges: tuple[BridgeMembers, ...]
    members: tuple[QueueMember, ...]
    entries: tuple[QueueEntry, ...]
    contacts: tuple[ContactStatus, ...]


Event = (
    NewChannel
    | NewState
    | NewExten
    | Renamed
    | NewCallerId
    | DialBegin
    | DialEnd
    | Hangup
    | BridgeEnter
    | BridgeLeave
    | BridgeDestroy
    | Hold
    | Unhold
    | BlindTransfer
    | AttendedTransfer
    | QueueCallerJoin
    | QueueCallerLeave
    | QueueCallerAbandon
    | AgentCalled
    | AgentConnect
    | AgentComplete
    | QueueMember
    | QueueMemberRemoved
    | DeviceState
    | ContactStatus
    | OriginateResponse
    | UserEvent
    | RecordingStarted
    | RecordingStopped
    | RecordingMuted
    | SpyStarted
    | SpyStopped
    | ShutDown
    | LinkDown
    | Seed
)
