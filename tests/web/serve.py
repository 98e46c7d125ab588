"""The pages on in-memory twins with a little life in them, to look at: `python -m tests.web.serve --help`."""

import argparse
import asyncio
import random
import time

from msgspec.structs import replace

from pbx_bridge.core.board import AgentRow, CallRow, CenterRow
from web.app import build
from web.context import WebSettings
from web.door import listening

from .sample import PASSWORD, ports
from .twins.live import EngineTwin

CYCLE = {"available": "ringing", "ringing": "talking", "talking": "wrap_up", "wrap_up": "available"}


def crowd(engine: EngineTwin, agents: int) -> None:
    """So many agents in all: the sample's, over and over."""
    known = [row for row in engine.rows.values() if isinstance(row, AgentRow)]
    for index in range(len(known), agents):
        like = known[index % len(known)]
        name, extension = f"エージェント{index + 1}", str(1001 + index) if like.extension else ""
        engine.rows["agent", str(1000 + index)] = replace(like, id=str(1000 + index), name=name, extension=extension)


async def live(engine: EngineTwin, per_second: float) -> None:
    """Agents go through their calls, customers come and go."""
    draw = random.Random()
    while True:
        await asyncio.sleep(draw.uniform(0.4, 1.6) / per_second)
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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int, nargs="?", default=15_500)
    parser.add_argument("--agents", type=int, default=20, help="how many there are")
    parser.add_argument("--per-second", type=float, default=1.1, help="how much happens; 0: nothing")
    asked = parser.parse_args()
    given = ports()
    assert isinstance(given.engine, EngineTwin)
    crowd(given.engine, asked.agents)
    async with listening(build(given, WebSettings()), "127.0.0.1", asked.port):
        url = f"http://127.0.0.1:{asked.port}"
        print(f"{url}  supervisor@example.jp / agent01@example.jp / admin@example.jp  {PASSWORD}", flush=True)
        if asked.per_second:
            await live(given.engine, asked.per_second)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
