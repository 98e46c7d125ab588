"""What Asterisk does with a key that comes between two AGI commands: nothing. Facts that the dialogues are built on."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from agi.server import Server
from agi.session import Session
from pbx_bridge.demo.phones import Farm, Phone
from tests import exchange

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEYS = "258369"


class Notes:
    """`pause`: seconds the server takes for each next command, as if it were starved."""

    def __init__(self) -> None:
        self.pause = 0.0
        self.got = ""

    async def by_key(self, session: Session) -> None:
        while len(self.got) < len(KEYS) and (key := await session.wait_for_digit(2.0)):
            self.got += key
            await asyncio.sleep(self.pause)

    async def at_once(self, session: Session) -> None:
        self.got = (await session.get_data("pbx/enter-id", silence_s=2.0, most=len(KEYS))).digits


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def phone(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Phone, Notes]]:
    notes, folder = Notes(), tmp_path_factory.mktemp("keys")
    server = Server({"sign_in": notes.by_key, "sign_out": notes.at_once})
    async with exchange.running(Path(folder)), Farm(exchange.PHONES) as farm:
        await server.start("127.0.0.1", exchange.AGI_PORT)
        try:
            yield await farm.phone("1001", "secret-1001", f"{exchange.SIP}:{exchange.PORT}"), notes
        finally:
            await server.close()


async def keyed(phone: Phone, notes: Notes, code: str, pause: float) -> str:
    notes.pause, notes.got = pause, ""
    call = await (await phone.dial(code)).answered()
    if code == "0011":
        await call.hears_something()
    await call.digits(KEYS)
    await call.ended(within=20.0)
    return notes.got


async def test_a_key_that_comes_while_no_command_runs_is_lost(phone: tuple[Phone, Notes]) -> None:
    got = await keyed(*phone, "0010", pause=0.5)
    assert 0 < len(got) < len(KEYS)


async def test_within_one_command_none_is_lost(phone: tuple[Phone, Notes]) -> None:
    assert await keyed(*phone, "0011", pause=0.0) == KEYS
