"""Records every stream anew, or those named: `python -m tests.streams.record [--into DIR] [NAME…]`.

A real Asterisk, the bridge and phones play each scenario of `scenarios`, while the project's own recorder listens.
Afterwards the story of each stream is printed from a replay; a `.story.txt` that is there already is left alone.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from pbx_bridge.ami.link import Address, Link
from pbx_bridge.ami.login import Account
from pbx_bridge.ami.recording import Recorder
from pbx_bridge.ami.scrub import Scrubber
from pbx_bridge.cli.record import record
from pbx_bridge.core.ids import id_from
from pbx_bridge.core.recovery import Recovery
from pbx_bridge.demo.kept import keep
from pbx_bridge.demo.phones import PhoneFailed
from pbx_bridge.demo.plan import Plan
from pbx_bridge.store import agents
from pbx_bridge.store.directory import load_directory
from pbx_bridge.store.pool import open_pool

from . import scenarios
from .center import FILE, Cable, NotedCenter, small_world
from .stage import Stage
from .story import story
from .stream import FOLDER, Asked, Replay, Start, Stream

if TYPE_CHECKING:
    from pbx_bridge.store.pool import Pool


@asynccontextmanager
async def recording(folder: Path, name: str, plot: str, center: NotedCenter, pool: "Pool") -> AsyncIterator[None]:
    """Everything within is the stream."""
    scrubber = Scrubber(os.urandom(32))
    directory = await load_directory(pool)
    async with pool.acquire() as connection:
        recovery = Recovery(agents=await agents.signed_in(connection))
    keys = center.kept.keys
    link = Link(Address(port=center.cut_port), Account("pbx-observer", keys.observer_secret))
    path, began = folder / f"{name}.ami", time.time()
    with path.open("wb") as file:
        task = asyncio.create_task(record(link, file, Recorder(scrubber), began))
        try:
            async with asyncio.timeout(20.0):
                while not path.stat().st_size:  # the seed
                    await asyncio.sleep(0.05)
            yield
            await asyncio.sleep(0.5)  # the last events are on their way
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    said = [
        msgspec.json.decode(line, type=Asked, dec_hook=id_from)
        for line in (center.plan.data / FILE).read_bytes().splitlines()
    ]
    asked = tuple(Asked(item.at - began, item.command) for item in said if item.at > began)
    start = msgspec.json.encode(Start(plot, began, directory, recovery, asked), enc_hook=int)
    # the stand-ins of the stream, here too
    clean = msgspec.json.decode(scrubber.text(start.decode()), type=Start, dec_hook=id_from)
    (folder / f"{name}.json").write_bytes(msgspec.json.format(msgspec.json.encode(clean, enc_hook=int)) + b"\n")


async def make(wanted: list[str], into: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="pbx-streams-", ignore_cleanup_errors=True) as folder:
        data = Path(folder)
        keep(data, small_world())
        plan = Plan(
            data,
            sip_address="127.0.7.1",
            carrier_address="127.0.7.2",
            phones_address="127.0.7.3",
            web_port=15700,
            ami_port=15701,
            agi_port=15702,
            sip_port=15703,
            carrier_port=15704,
        )
        async with NotedCenter(plan, print) as center, Cable(center) as cable:
            pool = await open_pool(center.dsn, size=2)
            try:
                failed = [name for name in wanted if not await play(into, name, center, pool, cable)]
            finally:
                await pool.close()
    if failed:
        sys.exit(f"not recorded: {' '.join(failed)}")


async def play(into: Path, name: str, center: NotedCenter, pool: "Pool", cable: Cable) -> bool:
    """One scenario; says whether it went as written."""
    scenario = scenarios.ALL[name]
    try:
        async with Stage(center, pool, cable) as stage:
            stage.recording = partial(recording, into, name, scenario.__doc__ or "", center, pool)
            await scenario(stage)
    except (AssertionError, TimeoutError, PhoneFailed) as fault:
        print(f"== {name}: {fault!r}")
        return False
    show(name, into)
    return True


def show(name: str, folder: Path) -> None:
    stream = Stream(name, folder=folder)
    text = story(stream, Replay(stream).run(stream.steps()).facts)
    print(f"== {name}: {len(stream.events)} events, unknown {dict(stream.decoder.unknown)}\n{text}")
    path = folder / f"{name}.story.txt"
    if not path.exists():
        path.write_text(text, "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", default=list(scenarios.ALL))
    parser.add_argument("--into", type=Path, default=FOLDER, metavar="DIR", help="write there instead of here")
    args = parser.parse_args()
    asyncio.run(make(args.names, args.into))


if __name__ == "__main__":
    main()
