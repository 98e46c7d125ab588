"""The smallest Asterisk that has AMI, a queue and Local channels: for what concerns the link alone."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pbx_bridge.ami.link import Address, Link
from pbx_bridge.ami.login import Account
from pbx_bridge.parts import asterisk
from pbx_bridge.parts.asterisk import RunningAsterisk

_MANAGER = """
[general]
enabled = yes
bindaddr = 127.0.0.1
port = {port}
[observer]
secret = eyes
read = system,call,agent,user
write = system,call,reporting
writetimeout = 5000
[controller]
secret = hands
write = call,agent,originate,reporting,system
writetimeout = 5000
"""
_DIALPLAN = """
[plain]
exten => wait,1,Answer()
 same => n,Wait(60)
exten => many,1,Answer()
 same => n,Set(N=0)
 same => n(again),Set(N=$[${N} + 1])
 same => n,UserEvent(Counted,Number: ${N})
 same => n,GotoIf($[${N} < 3000]?again)
 same => n,UserEvent(Counted,Number: last)
"""
_MODULES = """
[modules]
autoload = no
load = pbx_config.so
load = app_dial.so
load = app_queue.so
load = app_stack.so
load = app_userevent.so
load = bridge_simple.so
load = bridge_softmix.so
load = func_logic.so
load = func_devstate.so
load = res_musiconhold.so
load = res_agi.so
load = res_speech.so
load = res_manager_devicestate.so
load = res_timing_timerfd.so
"""
_FILES = {"modules.conf": _MODULES, "queues.conf": "[7001]\nstrategy = ringall\n"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Plain:
    """A configuration in a folder; `start` may be called again after a stop or a kill."""

    def __init__(self, folder: Path, dialplan: str = _DIALPLAN) -> None:
        self.port = free_port()
        self._config = folder / "config"
        self._run = folder / "run"
        self._config.mkdir()
        own = {"manager.conf": _MANAGER.format(port=self.port), "extensions.conf": dialplan}
        for name, text in (_FILES | own).items():
            (self._config / name).write_text(text)

    async def start(self) -> RunningAsterisk:
        install = asterisk.find_or_fetch(lambda line: None)
        return await asyncio.to_thread(asterisk.start, install, self._config, self._run)

    def observer(self, secret: str = "eyes") -> Link:
        return Link(Address(port=self.port), Account("observer", secret))

    def controller(self) -> Link:
        return Link(Address(port=self.port), Account("controller", "hands", "off"))


@asynccontextmanager
async def running(folder: Path, dialplan: str = _DIALPLAN) -> AsyncIterator[tuple[Plain, RunningAsterisk]]:
    """An Asterisk that is stopped at the end, whatever became of it."""
    plain = Plain(folder, dialplan)
    asterisk_ = await plain.start()
    try:
        yield plain, asterisk_
    finally:
        await asyncio.to_thread(asterisk_.stop)
