"""What rendered configuration may never hold: a second look at our own renderer, and at hands that edit its output.

Allow-lists, not ban-lists: an application or function nobody thought of is refused.
"""

import re
from collections.abc import Iterator, Mapping

_APPLICATIONS = frozenset(
    """
    AGI Answer BridgeWait Busy CELGenUserEvent Dial ExecIf Gosub Goto GotoIf Hangup MixMonitor NoOp Playback Queue Read
    Return SayDigits Set StopMixMonitor UserEvent Wait WaitUntil
    """.split()  # noqa: SIM905 - a list of words is read as words
)
_FUNCTIONS = frozenset(
    """
    CALLERID CHANNEL CHANNEL_EXISTS CONNECTEDLINE FILTER GROUP GROUP_COUNT LEN QUEUE_MEMBER SHA1 STRFTIME TIMEOUT
    """.split()  # noqa: SIM905
)
_PRIVILEGES = frozenset("call agent originate user reporting none".split())  # noqa: SIM905
_FROM_OUTSIDE = re.compile(r"\$\{(?:EXTEN|CALLERID\((?:num|name|all|dnid|rdnis|ani)\))[^}]*\}")
_STEP = re.compile(r"^(?:exten => (?P<pattern>[^,]+),[^,]+|\s*same => n(?:\(\w+\))?),(?P<app>\w+)\((?P<data>.*)\)$")
_HINT = re.compile(r"^exten => [0-9*#]+,hint,[\w/:.&-]+$")
_PLAIN = re.compile(r"^(?:|;.*|\[[\w-]+\]|include => [\w-]+|\w+ = .*)$")
_CALLS = re.compile(r"\b([A-Z][A-Z0-9_]*)\(")
_MIXMONITOR = re.compile(r"MixMonitor\([^,]*,[^,]*\)")


def faults(files: Mapping[str, str]) -> list[str]:
    """One line for each rule that the files break; empty when all is well."""
    found = [f"{name}: nothing is included or run: {line}" for name, text in files.items() for line in _hashes(text)]
    found += [f"extensions.conf: {fault}" for fault in _dialplan(files.get("extensions.conf", ""))]
    found += [f"manager.conf: {fault}" for fault in _manager(files.get("manager.conf", ""))]
    found += [f"pjsip.conf: {fault}" for fault in _pjsip(files.get("pjsip.conf", ""))]
    return found


def _hashes(text: str) -> Iterator[str]:
    """`#include` and `#exec`, which Asterisk takes out of any file it reads."""
    return (line.strip() for line in text.splitlines() if line.lstrip().startswith("#"))


def _dialplan(text: str) -> Iterator[str]:
    for line in text.splitlines():
        step = _STEP.match(line)
        if step is not None:
            yield from _step(line, step["pattern"] or "", step["app"], step["data"])
        elif not (_PLAIN.match(line) or _HINT.match(line)):
            yield f"not understood: {line.strip()}"


def _step(line: str, pattern: str, app: str, data: str) -> Iterator[str]:
    place = line.strip()
    if pattern.startswith(("_.", "_!")):
        yield f"a pattern that matches everything: {place}"
    inner = re.findall(r"\?(\w+)\(", data) if app == "ExecIf" else []
    for name in [app, *inner]:
        if name not in _APPLICATIONS:
            yield f"application {name} is not among those we use: {place}"
    for name in _CALLS.findall(data):
        if name not in _FUNCTIONS and not (app == "Dial" and name == "U"):
            yield f"function {name} is not among those we use: {place}"
    if re.search(r"\bMixMonitor\(", line) and not _MIXMONITOR.search(line.replace(_filtered(line), "")):
        yield f"MixMonitor may not run a command: {place}"
    if app == "AGI" and not data.startswith("agi://"):
        yield f"AGI may only speak to the bridge: {place}"
    if _FROM_OUTSIDE.search(_unfiltered(data)) and not (app == "Goto" and re.fullmatch(r"[\w-]+,\$\{EXTEN\},1", data)):
        yield f"what the caller sent must be filtered: {place}"


def _unfiltered(data: str) -> str:
    return re.sub(r"\$\{FILTER\([^,]+,\$\{[^}]+\}\)\}", "", data)


def _filtered(line: str) -> str:
    found = re.search(r"\$\{FILTER\([^,]+,\$\{[^}]+\}\)\}", line)
    return found.group() if found else "\0"


def _manager(text: str) -> Iterator[str]:
    for line in text.splitlines():
        key, _, setting = line.partition(" = ")
        if key == "write" and not set(setting.split(",")) <= _PRIVILEGES:
            yield f"an account may only have the privileges {', '.join(sorted(_PRIVILEGES))}: {line}"
        if key == "bindaddr" and not setting.startswith("127."):
            yield f"AMI listens on loopback only: {line}"
        if key == "webenabled" and setting != "no":
            yield f"no AMI over HTTP: {line}"


def _pjsip(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if line.strip().lower() in ("[anonymous]", "allow_unauthenticated_options = yes"):
            yield f"nobody is served unknown: {line}"
