"""An action of the core as AMI bytes. Pure.

Everything an attacker could smuggle through a header is refused here, whoever asked: AMI ends headers with CRLF, so
one control character in a caller's name would be a second action (panoramisk lets it through).
Header names: https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/AMI_Actions/
"""

import re
from collections.abc import Iterable
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
from pbx_bridge.core.contexts import RECORD_ANEW_KEY
from pbx_bridge.core.errors import Garbled

Header = tuple[str, str]

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_DEVICE = re.compile(r"Custom:[A-Za-z0-9_.-]{1,64}")
_SEPARATES = re.compile(r'([\\,"])')


def packet(action: str, action_id: str, headers: Iterable[Header]) -> bytes:
    """One action on the wire. Raises `Garbled` for a control character or an impossible header name."""
    lines = [f"{_name(name)}: {_plain(name, value)}" for name, value in _framed(action, action_id, headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _framed(action: str, action_id: str, headers: Iterable[Header]) -> Iterable[Header]:
    yield "Action", action
    yield "ActionID", action_id
    yield from headers


def _name(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise Garbled(f"not an AMI header name: {name!r}")
    return name


def _plain(name: str, value: str) -> str:
    found = _CONTROL.search(value)
    if found is not None:
        raise Garbled(f"AMI header {name}: control character U+{ord(found.group()):04X} in its value")
    return value


def wire(action: Action) -> tuple[str, list[Header]]:
    """The AMI name of an action and its headers; `Garbled` for what no action of ours may contain."""
    match action:
        case QueueAdd():
            return "QueueAdd", _queue_add(action)
        case QueueRemove(queue, interface):
            return "QueueRemove", [("Queue", queue), ("Interface", interface)]
        case QueuePause(interface, paused, reason, queue):
            named = [("Queue", queue)] if queue else []
            pause = [("Interface", interface), ("Paused", _boolean(paused)), ("Reason", reason)]
            return "QueuePause", [*named, *pause]
        case SetDeviceState(device, state):
            return "Setvar", [("Variable", _custom_device(device)), ("Value", state)]
        case SetVariable(name, value, channel):
            where = [("Channel", channel)] if channel else []
            return "Setvar", [*where, ("Variable", _variable(name)), ("Value", value)]
        case Originate() | CallAgent():
            own = [("Variable", f"{_variable(name)}={_one_value(value)}") for name, value in action.variables]
            return "Originate", [*_originate(action), *own]
        case CallLine():
            return "Originate", _originate(action)
        case Join(line, customer):
            return "Bridge", [("Channel1", line), ("Channel2", customer), ("Tone", "no")]
        case MuteRecording(channel, muted):
            on = "1" if muted else "0"
            return "MixMonitorMute", [("Channel", channel), ("Direction", "both"), ("State", on)]
        case RecordAnew(channel):
            return "PlayDTMF", [("Channel", channel), ("Digit", RECORD_ANEW_KEY), ("Receive", "true")]
        case Redirect(channel, context, exten):
            return "Redirect", [("Channel", channel), ("Context", context), ("Exten", exten), ("Priority", "1")]
        case HangUp(channel, cause):
            return "Hangup", [("Channel", channel), ("Cause", str(cause))]
        case _:
            assert_never(action)


def _queue_add(action: QueueAdd) -> list[Header]:
    # In the order of Asterisk's documentation.
    headers = [
        ("Queue", action.queue),
        ("Interface", action.interface),
        ("Penalty", str(action.penalty)),
        ("Paused", _boolean(action.paused)),
        ("MemberName", action.member_name),
    ]
    optional = [("StateInterface", action.device), ("Reason", action.reason)]
    return headers + [header for header in optional if header[1]]


def _originate(action: Originate | CallLine | CallAgent) -> list[Header]:
    """Always into a context of ours, never an application; async, so the response only means «queued» (F2)."""
    return [
        ("Channel", action.channel),
        ("ChannelId", action.channel_id),
        ("Context", action.context),
        ("Exten", action.exten),
        ("Priority", "1"),
        ("CallerID", f'"{_in_quotes(action.caller_name)}" <{action.caller_number}>'),
        ("Timeout", str(action.timeout_ms)),
        ("Async", "true"),
    ]


def _boolean(value: bool) -> str:
    return "true" if value else "false"


def _variable(name: str) -> str:
    if _VARIABLE.fullmatch(name) is None:
        raise Garbled(f"not a channel variable of ours: {name!r}")
    return name


def _custom_device(device: str) -> str:
    """The one dialplan function that may be written: `DEVICE_STATE(Custom:…)`, the lamp of a BLF key."""
    if _DEVICE.fullmatch(device) is None:
        raise Garbled(f"not a custom device: {device!r}")
    return f"DEVICE_STATE({device})"


def _in_quotes(text: str) -> str:
    # ast_callerid_parse() takes the name apart with backslash escapes.
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _one_value(value: str) -> str:
    # A Variable header is split at commas with the rules of dialplan arguments (man_do_variable_value in
    # main/manager.c): unescaped, a comma in the value would set a second variable.
    return _SEPARATES.sub(r"\\\1", value)
