"""The pages on in-memory twins with a little life in them, to look at: `python -m tests.web.serve [PORT]`."""

import asyncio
import random
import sys
import time

from aiohttp import web
from msgspec.structs import replace

from pbx_bridge.core.board import AgentRow, CallRow, CenterRow
from web.app import build
from web.context import WebSettings

from .sample import PASSWORD, ports
from .twins import EngineTwin

CYCLE = {"available": "ringing", "ringing": "talking", "talking": "wrap_up", "wrap_up": "available"}


async def live(engine: EngineTwin) -> None:
    """Agents go through their calls, customers come and go."""
    draw = random.Random()
    while True:
        await asyncio.sleep(draw.uniform(0.3, 1.5))
        row = draw.choice(list(engine.rows.values()))
        if isinstance(row, AgentRow) and row.condition in CYCLE:
            after = CYCLE[row.condition]
            party = f"090{draw.randrange(10_000_000, 99_999_999)}" if after in ("ringing", "talking") else ""
            changed = replace(row, condition=after, since=time.time(), other_party=row.other_party or party)
            engine.change("agent", replace(changed, other_party=changed.other_party if party else ""))
        elif isinstance(row, CenterRow):
            better = replace(row, answered=row.answered + 1, within_service_level=row.within_service_level + 1)
            engine.change("center", better)
        elif isinstance(row, CallRow) and row.state == "waiting":
            engine.change("call", replace(row, started_at=time.time(), state_since=time.time()))


async def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 15_500
    given = ports()
    runner = web.AppRunner(build(given, WebSettings()), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    print(f"http://127.0.0.1:{port}  supervisor@example.jp / agent01@example.jp / admin@example.jp  {PASSWORD}")
    assert isinstance(given.engine, EngineTwin)
    if "--still" not in sys.argv:
        await live(given.engine)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
