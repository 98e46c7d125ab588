"""Names under which an action is recognised when it has to be sent again, or must not be. Pure."""

from typing import assert_never

from pbx_bridge.core.actions import (
    Action,
    CallAgent,
    CallLine,
    HangUp,
    Join,
    MuteRecording,
    Originate,
    QueueAdd,
    QueuePause,
    QueueRemove,
    RecordAnew,
    Redirect,
    SetDeviceState,
    SetVariable,
)


def action_id(action: Action, serial: int) -> str:
    """An attempt is asked for under its own name, so that its outcome can be found in this life of the bridge or
    the next (F2); anything else by a serial number of this process."""
    match action:
        case Originate(attempt):
            return attempt
        case CallLine(channel_id) | CallAgent(channel_id):
            return channel_id
        case Join(attempt=attempt):
            return f"join-{attempt}"
        case _:
            return f"act-{serial}"


def subject(action: Action) -> tuple[str, ...]:
    """What a *set* sets: a newer one with the same subject replaces it."""
    match action:
        case QueueAdd(queue, interface) | QueueRemove(queue, interface):
            return "member", queue, interface
        case QueuePause(interface=interface, queue=queue):
            return "pause", queue, interface
        case SetDeviceState(device):
            return "device", device
        case SetVariable(name, _, channel):
            return "variable", channel, name
        case MuteRecording(channel):
            return "mute", channel
        case HangUp(channel):
            return "hangup", channel
        case Originate() | CallLine() | CallAgent() | Join() | RecordAnew() | Redirect():
            raise AssertionError("an action sent once has no newer setting")
        case _:
            assert_never(action)
