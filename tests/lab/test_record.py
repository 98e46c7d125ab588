"""`pbx-bridge record` and `replay` as a person runs them, Asterisk killed in between."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from .observer import observing, originate
from .plain import Plain, running

_SETTINGS = """
database = { dsn = "postgresql://nowhere" }
ami = { port = PORT, observer = "observer", observer_secret = "eyes", controller_secret = "unused" }
agi = { key = "k" }
journal = { directory = "/nowhere" }
recordings = { spool = "/nowhere", vault = "/nowhere" }
secrets = { pepper = "p" }
"""


def heeds_interrupts() -> None:
    """A shell that runs the tests in the background lets them ignore SIGINT, and whoever they start too."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


async def program(*arguments: str) -> Process:
    command = [sys.executable, "-m", "pbx_bridge.cli", *arguments]
    return await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE, preexec_fn=heeds_interrupts)


async def recording(plain: Plain, folder: Path) -> tuple[Process, Path]:
    """A recorder that is logged in."""
    config, file = folder / "bridge.toml", folder / "stream.ami"
    config.write_text(_SETTINGS.replace("PORT", str(plain.port)))
    recorder = await program("record", "--config", str(config), str(file), "--for", "60s")
    assert recorder.stderr is not None
    async with asyncio.timeout(10):
        assert await recorder.stderr.readline() == "recording …\n".encode()
    return recorder, file


async def test_a_story_with_a_crash_in_it(tmp_path: Path) -> None:
    async with running(tmp_path) as (plain, asterisk_):
        recorder, file = await recording(plain, tmp_path)
        async with observing(plain) as seen:
            await seen.pair.send(originate("a1"))
            await seen.until(lambda: len(seen.events) > 8)
            os.kill(asterisk_.pid, signal.SIGKILL)
            await seen.until(lambda: bool(seen.downs))
        assert recorder.stderr is not None
        async with asyncio.timeout(5):
            assert (await recorder.stderr.readline()).startswith(b"AMI observer: ")
        recorder.send_signal(signal.SIGINT)
        out, err = await asyncio.wait_for(recorder.communicate(), 10)
        assert recorder.returncode == 0, err
        assert b"bytes" in out

    assert b"815012345678" not in file.read_bytes()
    replay = await program("replay", "--json", str(file))
    out, err = await asyncio.wait_for(replay.communicate(), 20)
    assert (replay.returncode, err) == (0, b"")
    assert b"AsteriskSeen" in out
