"""A real Asterisk that runs the rendered configuration, for tests of several rooms."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
from msgspec import structs

from agi.prompts import Voice, build, link
from agi.sentences import SENTENCES
from agi.speech import RATE, Samples
from agi.token import Keys
from dialplan.check import write
from dialplan.journal import CDR_FILE, CEL_FILE
from dialplan.provision import (
    Agi,
    Ami,
    AmiAccount,
    CenterPlan,
    InboundNumber,
    Phone,
    Provision,
    Sip,
    Trunk,
)
from dialplan.render import render
from pbx_bridge.core.directory import BUILT_IN, Center, Language, Membership, Status
from pbx_bridge.core.ids import AgentId, CenterId, NodeId
from pbx_bridge.parts import asterisk
from pbx_bridge.parts.asterisk import RunningAsterisk
from tests.addresses import free_port, loopback

KEYS = Keys("1a" * 32, "2b" * 32)
SIP, CARRIER, PHONES = loopback(41), loopback(42), loopback(43)
PORT = 15460
AMI_PORT, AGI_PORT = free_port(), free_port()
EXTENSIONS: dict[str, Language] = {str(1000 + n): "ja" if n % 2 else "en" for n in range(1, 9)}
STATUSES = (
    *BUILT_IN,
    Status("training", 5, "研修中", "Training", productive=True),
    Status("meeting", 6, "会議中", "Meeting"),
    Status("lunch", 7, "昼食中", "Lunch", max_seconds=3600.0),
    Status("paperwork", 8, "事務処理中", "Paperwork", productive=True),
)
"""9 is nobody's."""
SIGN_IN_NUMBER, SIGN_OUT_NUMBER = "0312340008", "0312340009"
MOBILE = "09012340001"
"""The outside number that may be a sign-in terminal."""


class Beep:
    """A voice for tests: what is said is known from the dialogue, so every sentence may be short."""

    def say(self, text: str) -> Samples:
        """440 Hz for a quarter of a second; the one sentence that Asterisk speaks alone, long enough to be heard."""
        away = SENTENCES["try-later"]
        length = RATE if text in (away.ja, away.en) else RATE // 4
        return np.asarray(0.3 * np.sin(2 * np.pi * 440 * np.arange(length) / RATE), np.float32)


def center() -> Center:
    members = tuple(Membership(AgentId(id)) for id in range(1, 9))
    return Center(CenterId(1), "Orders", "7000", "0312340001", members, wrap_up_seconds=0.0)


def provision(folder: Path) -> Provision:
    """Eight phones in two languages, a center, a trunk, sign-in and sign-out numbers."""
    return Provision(
        node=NodeId("test"),
        ami=Ami(
            AmiAccount("observer", "observer-secret"), AmiAccount("controller", "controller-secret"), port=AMI_PORT
        ),
        agi=Agi(KEYS.inner, KEYS.outer, port=AGI_PORT),
        phones=tuple(
            Phone(e, e, f"secret-{e}", f"Desk {e}", "en" if language == "en" else "ja")
            for e, language in EXTENSIONS.items()
        ),
        centers=(CenterPlan(structs.replace(center(), members=()), overflow_seconds=60),),
        trunks=(Trunk("carrier", CARRIER, PORT, caller_number="0312340001"),),
        numbers=(
            InboundNumber("0312340001", "center", "7000"),
            InboundNumber(SIGN_IN_NUMBER, "sign-in", callers=(MOBILE,)),
            InboundNumber(SIGN_OUT_NUMBER, "sign-out", callers=(MOBILE,)),
        ),
        sip=Sip(SIP, PORT, 20000, 20399),
        recordings=str(folder / "recordings"),
        music=str(folder / "sounds/en/pbx"),
        attempt_wait_seconds=3,
    )


@asynccontextmanager
async def running(folder: Path, voices: "Mapping[Language, Voice] | None" = None) -> AsyncIterator[RunningAsterisk]:
    """An Asterisk with the rendered configuration, everything it writes below `folder`."""
    etc, run = folder / "etc", folder / "run"
    (folder / "recordings").mkdir(parents=True)
    build(folder / "sounds", voices or {"ja": Beep(), "en": Beep()})
    write(render(provision(folder)), etc)
    for book in (CDR_FILE, CEL_FILE):
        (run / "log" / book).parent.mkdir(parents=True)
    link(folder / "sounds", run / "data/sounds")
    install = await asyncio.to_thread(asterisk.find_or_fetch, print)
    started = await asyncio.to_thread(asterisk.start, install, etc, run)
    try:
        yield started
    finally:
        await asyncio.to_thread(started.stop)
