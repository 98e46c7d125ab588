"""The bridge hangs, dies in mid-sentence, or is not there: the caller hears it within three seconds, nothing stays."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Literal

import pytest
import pytest_asyncio

from pbx_bridge.demo.phones import Farm, Phone
from pbx_bridge.parts.asterisk import RunningAsterisk
from tests import exchange

from .desk import REGISTRAR

pytestmark = pytest.mark.asyncio(loop_scope="module")

Fault = Literal["never answers", "hangs in mid-dialogue", "dies in mid-dialogue", "is not there"]


class Faulty:
    """A server in place of the bridge's. `begun`: seconds of the loop's clock when it went silent."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (await reader.readline()).strip():
                pass
            if self.fault != "never answers":
                for line in ('SET VARIABLE "TIMEOUT(absolute)" "2.0"', 'STREAM FILE "pbx/enter-id" "0123456789*#"'):
                    writer.write(line.encode() + b"\n")
                    await reader.readline()
            if self.fault != "dies in mid-dialogue":
                await reader.read()
        finally:
            writer.transport.abort()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def there(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[RunningAsterisk, Phone]]:
    async with AsyncExitStack() as stack:
        asterisk = await stack.enter_async_context(exchange.running(tmp_path_factory.mktemp("away")))
        farm = await stack.enter_async_context(Farm(exchange.PHONES))
        yield asterisk, await farm.phone("1001", "secret-1001", REGISTRAR)


@pytest.mark.parametrize("fault", ["never answers", "hangs in mid-dialogue", "dies in mid-dialogue", "is not there"])
async def test_the_caller_hears_it_and_is_let_go(there: tuple[RunningAsterisk, Phone], fault: Fault) -> None:
    asterisk, phone = there
    async with AsyncExitStack() as stack:
        if fault != "is not there":
            server = await asyncio.start_server(Faulty(fault).serve, "127.0.0.1", exchange.AGI_PORT)
            stack.callback(server.close)
        call = await (await phone.dial("0010")).answered()
        if "mid" in fault:
            await call.hears_something()
            await asyncio.sleep(0.6)  # the sentence is over, nobody goes on
        await call.hears_something(within=3.0)
        await call.ended(within=5.0)
        shown = await asyncio.to_thread(asterisk.console, "core show channels count")
        assert shown.startswith("0 active channels")
