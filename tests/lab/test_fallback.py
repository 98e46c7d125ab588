"""The fallback script started by a real Asterisk, and FastAGI's own outcome on a real channel."""

import asyncio
import json
import sys
from pathlib import Path

from agi.fallback import SPOOL_FILE
from agi.server import Server
from agi.session import HungUp, Session
from pbx_bridge.core import events
from pbx_bridge.core.actions import HangUp

from .observer import observing, originate
from .plain import running

_DIALPLAN = """
[plain]
exten => wait,1,Answer()
 same => n,Wait(60)
exten => away,1,Set(AGIEXITONHANGUP=yes)
 same => n,AGI({script},sign_in,{spool})
 same => n,UserEvent(Over,Status: ${{AGISTATUS}})
 same => n,Hangup()
exten => talk,1,Set(AGIEXITONHANGUP=yes)
 same => n,AGI(agi://127.0.0.1:{port}/talk)
 same => n,UserEvent(Over,Status: ${{AGISTATUS}},Outcome: ${{DIALOGUE_OUTCOME}},Said: ${{SAID}})
 same => n,Wait(60)
exten => broken,1,AGI(agi://127.0.0.1:{port}/broken)
 same => n,UserEvent(Over,Status: ${{AGISTATUS}},Outcome: ${{DIALOGUE_OUTCOME}})
 same => n,Hangup()
exten => listen,1,Set(AGIEXITONHANGUP=yes)
 same => n,AGI(agi://127.0.0.1:{port}/listen)
"""


def script(folder: Path) -> Path:
    """What the installed `pbx-fallback` is, wherever this virtual environment lies."""
    path = folder / "fallback"
    root = Path(__file__).parents[2]
    path.write_text(f'#!/bin/sh\ncd {root} && exec {sys.executable} -m agi.fallback "$@"\n')
    path.chmod(0o755)
    return path


async def test_dialogues_on_a_real_channel(tmp_path: Path) -> None:
    said = 'a "quoted" \\ text, (日本)'
    gone: list[str] = []

    async def talk(session: Session) -> None:
        await session.answer()
        await session.set_variable("SAID", said)
        assert await session.get_variable("SAID") == said
        assert await session.get_variable("UNSET") is None
        assert await session.wait_for_digit(0.2) == ""

    async def broken(session: Session) -> None:
        await session.answer()
        raise ZeroDivisionError

    async def listen(session: Session) -> None:
        await session.answer()
        try:
            await session.wait_for_digit(30)
        except HungUp:
            gone.append(session.request.uniqueid)
            raise

    server = Server({"talk": talk, "broken": broken, "listen": listen})
    await server.start(port=0)
    spool = tmp_path / "spool"
    spool.mkdir()
    dialplan = _DIALPLAN.format(script=script(tmp_path), spool=spool, port=server.port)
    try:
        async with running(tmp_path, dialplan) as (plain, _), observing(plain) as seen:

            async def over(attempt: str, exten: str) -> dict[str, str]:
                before = len(seen.events)
                await seen.pair.send(originate(attempt, exten))
                await seen.until(lambda: any(isinstance(each, events.UserEvent) for each in seen.events[before:]))
                return next(each.fields for each in seen.events[before:] if isinstance(each, events.UserEvent))

            assert (await over("a1", "talk"))["Outcome"] == "done"
            assert (await over("a2", "broken")).get("Outcome", "") == ""
            await over("a3", "away")
            (line,) = (spool / SPOOL_FILE).read_text().splitlines()
            assert json.loads(line)["agi_uniqueid"] == "attempt-a3"
            await seen.pair.send(originate("a4", "listen"))
            await seen.until(lambda: server.sessions == 1)
            channels = (await seen.pair.seed()).channels
            await seen.pair.send(HangUp(next(each.channel for each in channels if each.uniqueid == "attempt-a4")))
            async with asyncio.timeout(5):
                while server.sessions:
                    await asyncio.sleep(0.05)
            assert gone == ["attempt-a4"]
            assert server.counts == {"done": 1, "failed": 1, "hung_up": 1}
    finally:
        await server.close()
