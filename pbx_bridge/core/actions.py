"""What we ask of Asterisk. How an action may be repeated is part of its type, because panoramisk's
resending of an unanswered Originate is a second phone call (reliability fact F1).

*set*: says how things shall be; harmless to repeat. *once*: never sent twice; after a lost connection its outcome
is looked up by ChannelId instead.
"""

from typing import ClassVar, Literal

from msgspec import Struct

from .ids import AttemptId, ChannelId

Repeat = Literal["set", "once"]


class QueueAdd(Struct, frozen=True, tag=True):
    repeat: ClassVar[Repeat] = "set"
    queue: str
    interface: str
    member_name: str
    penalty: int
    paused: bool
    reason: str
    device: str = ""
    """Whose state says whether the member is free; empty: the interface's own."""


class QueueRemove(Struct, frozen=True, tag=True):
    repeat: ClassVar[Repeat] = "set"
    queue: str
    interface: str


class QueuePause(Struct, frozen=True, tag=True):
    """In every queue the interface is a member of, unless `queue` names one."""

    repeat: ClassVar[Repeat] = "set"
    interface: str
    paused: bool
    reason: str
    queue: str = ""


class SetDeviceState(Struct, frozen=True, tag=True):
    """A `Custom:` device state: the lamp behind a BLF key."""

    repeat: ClassVar[Repeat] = "set"
    device: str
    state: Literal["NOT_INUSE", "INUSE", "RINGING", "ONHOLD", "UNAVAILABLE"]


class SetVariable(Struct, frozen=True, tag=True):
    """A channel variable, or a global one when `channel` is empty."""

    repeat: ClassVar[Repeat] = "set"
    name: str
    value: str
    channel: str = ""


class Originate(Struct, frozen=True, tag=True):
    """Dial one lead; its ChannelId comes from the attempt, so «did it happen?» has an answer."""

    repeat: ClassVar[Repeat] = "once"
    attempt: AttemptId
    channel_id: ChannelId
    channel: str
    context: str
    exten: str
    caller_number: str
    caller_name: str
    timeout_ms: int
    variables: tuple[tuple[str, str], ...]


class CallLine(Struct, frozen=True, tag=True):
    """Ring an agent's own phone; answered, it becomes the open line. `channel_id` is the line's, as we named it."""

    repeat: ClassVar[Repeat] = "once"
    channel_id: ChannelId
    channel: str
    context: str
    exten: str
    caller_number: str
    caller_name: str
    timeout_ms: int


class CallAgent(Struct, frozen=True, tag=True):
    """Ring an agent's own terminal; answered, `exten` of `context` calls the customer. Sent when the facts are written:
    with an `attempt`, not before that one is."""

    repeat: ClassVar[Repeat] = "once"
    channel_id: ChannelId
    channel: str
    context: str
    exten: str
    caller_number: str
    caller_name: str
    timeout_ms: int
    variables: tuple[tuple[str, str], ...]
    attempt: AttemptId | None = None


class Join(Struct, frozen=True, tag=True):
    """AMI Bridge: put the customer on the agent's open line. Both are channel names."""

    repeat: ClassVar[Repeat] = "once"
    line: str
    customer: str
    attempt: AttemptId


class MuteRecording(Struct, frozen=True, tag=True):
    """MixMonitor on this channel goes on writing, but silence in both directions."""

    repeat: ClassVar[Repeat] = "set"
    channel: str
    muted: bool


class RecordAnew(Struct, frozen=True, tag=True):
    """As if this channel, in a bridge, had keyed `contexts.RECORD_ANEW_KEY`: its MixMonitor ends and another begins."""

    repeat: ClassVar[Repeat] = "once"
    channel: str


class Redirect(Struct, frozen=True, tag=True):
    repeat: ClassVar[Repeat] = "once"
    channel: str
    context: str
    exten: str


class HangUp(Struct, frozen=True, tag=True):
    repeat: ClassVar[Repeat] = "set"
    channel: str
    cause: int = 16


Action = (
    QueueAdd
    | QueueRemove
    | QueuePause
    | SetDeviceState
    | SetVariable
    | Originate
    | CallLine
    | CallAgent
    | Join
    | MuteRecording
    | RecordAnew
    | Redirect
    | HangUp
)
