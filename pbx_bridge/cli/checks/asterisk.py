"""Asterisk over AMI: is it there, do both accounts work, is it a version one may expose, has it what we need?"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

from pbx_bridge.ami.encode import Header, packet
from pbx_bridge.ami.framing import Framer
from pbx_bridge.ami.login import Account, login
from pbx_bridge.ami.message import Message
from pbx_bridge.core.errors import BridgeError, Unreachable
from pbx_bridge.settings import AmiSettings, Settings

from .finding import Finding, ok, problem, warning

_SECONDS = 5.0
_FIXED = {20: (20, 20, 1), 22: (22, 10, 1), 23: (23, 4, 1)}
"""Branch → first release without CVE-2026-57191 (GHSA-589g-qgf8-m6mx: a SIP NOTIFY from anybody stops PJSIP)."""
_FIXED_CERTIFIED = ("certified/20.7-cert", 11)
"""The same of the certified branch: its name and the number behind it."""
_MODULES = (
    "app_bridgewait",
    "app_celgenuserevent",
    "app_mixmonitor",
    "app_queue",
    "app_read",
    "app_senddtmf",
    "app_stack",
    "app_userevent",
    "cdr_custom",
    "cel_custom",
    "chan_pjsip",
    "func_channel",
    "func_groupcount",
    "func_sha1",
    "func_strings",
    "res_agi",
    "res_pjsip_endpoint_identifier_ip",
    "res_pjsip_registrar",
)

Ask = Callable[[str, list[Header]], Awaitable[Message]]


async def look(settings: Settings) -> AsyncIterator[Finding]:
    """Both accounts, then version and modules through the observer's."""
    ami = settings.ami
    try:
        async with _session(ami, Account(ami.controller, ami.controller_secret, "off")):
            yield ok("AMI controller", f"{ami.controller} may act")
    except BridgeError as error:
        yield _refused("AMI controller", ami, ami.controller, error)
    try:
        async with _session(ami, Account(ami.observer, ami.observer_secret, "off")) as ask:
            yield ok("AMI observer", f"{ami.observer} may listen and read")
            for finding in await _inside(ask):
                yield finding
    except BridgeError as error:
        yield _refused("AMI observer", ami, ami.observer, error)


def version(text: str) -> tuple[int, ...]:
    """`22.10.1~dfsg+~cs6` → (22, 10, 1); empty when it is no release's name (`GIT-master-…`)."""
    numbers: list[int] = []
    for piece in text.removeprefix("certified/").split("."):
        digits = piece[: len(piece) - len(piece.lstrip("0123456789"))]
        if not digits:
            break
        numbers.append(int(digits))
        if digits != piece:
            break
    return tuple(numbers)


def judge_version(text: str) -> Finding:
    """Whether a release may be exposed to a network."""
    branch, patch = _FIXED_CERTIFIED
    if text.startswith(branch) and version(text.removeprefix(branch)) >= (patch,):
        return ok("Asterisk version", text)
    number = version(text)
    if not number:
        return problem("Asterisk version", f"{text}: no release", "install Asterisk 22.10.1 or newer")
    fixed = _FIXED.get(number[0])
    if number[0] > max(_FIXED) or (fixed is not None and number >= fixed):
        return ok("Asterisk version", text)
    wanted = ".".join(map(str, fixed or _FIXED[22]))
    return problem(
        "Asterisk version",
        f"{text} can be stopped by anybody who reaches its SIP port (CVE-2026-57191)",
        f"upgrade to {wanted} or newer",
    )


async def _inside(ask: Ask) -> list[Finding]:
    core = await ask("CoreSettings", [])
    findings = [judge_version(core.get("AsteriskVersion", "unknown"))]
    loaded = {name: await _loaded(ask, name) for name in ("func_module", *_MODULES)}
    missing = [name for name, there in loaded.items() if not there]
    if missing[:1] == ["func_module"]:
        findings.append(warning("Asterisk modules", "cannot be asked for", "load func_module.so in modules.conf"))
    elif missing:
        lines = ", ".join(f"{name}.so" for name in missing)
        findings.append(problem("Asterisk modules", f"not loaded: {lines}", "load them in modules.conf"))
    else:
        findings.append(ok("Asterisk modules", "all that are needed are loaded"))
    return findings


async def _loaded(ask: Ask, module: str) -> bool:
    """By the dialplan function IFMODULE: the action ModuleCheck wants the privilege `system`, which ours lack."""
    answer = await ask("Getvar", [("Variable", f"IFMODULE({module}.so)")])
    return answer.get("Value") == "1"


def _refused(place: str, ami: AmiSettings, user: str, error: BridgeError) -> Finding:
    if isinstance(error, Unreachable):
        mend = f"is Asterisk running, and does manager.conf say `enabled = yes`, `port = {ami.port}`?"
    else:
        mend = f"compare the secret of [{user}] in manager.conf with the settings, and its permit line"
    return problem(place, str(error), mend)


@asynccontextmanager
async def _session(ami: AmiSettings, account: Account) -> AsyncIterator[Ask]:
    """A logged-in connection. Raises `Unreachable` and `Rejected`."""
    try:
        async with asyncio.timeout(_SECONDS):
            reader, writer = await asyncio.open_connection(ami.host, ami.port)
    except (OSError, TimeoutError) as error:
        words = getattr(error, "strerror", None) or "no answer"
        raise Unreachable(f"nothing answers on {ami.host} port {ami.port} ({words})") from None
    try:
        ask = _asker(reader, writer)
        await _log_in(ask, account)
        yield ask
    finally:
        writer.close()


async def _log_in(ask: Ask, account: Account) -> None:
    steps = login(account)
    step = next(steps)
    while True:
        answer = await ask(*step)
        try:
            step = steps.send(answer)
        except StopIteration:
            return


def _asker(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Ask:
    framer, numbers = Framer(), iter(range(1, 1000))
    waiting: list[bytes] = []

    async def ask(action: str, headers: list[Header]) -> Message:
        own = f"check-{next(numbers)}"
        writer.write(packet(action, own, headers))
        try:
            async with asyncio.timeout(_SECONDS):
                async for message in _messages(reader, framer, waiting):
                    if message.get("ActionID") == own:
                        return message
        except (OSError, TimeoutError):
            pass
        raise Unreachable("it answers the connection but not what it is asked: is that port Asterisk's manager?")

    return ask


async def _messages(reader: asyncio.StreamReader, framer: Framer, waiting: list[bytes]) -> AsyncIterator[Message]:
    while True:
        for message in _drained(waiting):
            yield message
        chunk = await reader.read(65536)
        if not chunk:
            return
        waiting += framer.feed(chunk)


def _drained(waiting: list[bytes]) -> Iterator[Message]:
    while waiting:
        yield Message(waiting.pop(0))
