"""`pbx-bridge record FILE`: what Asterisk says, kept for tests and for whoever has to find out what happened."""

import argparse
import asyncio
import os
import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, assert_never

from .up import add_config

if TYPE_CHECKING:
    from pbx_bridge.ami.inbox import Delivery
    from pbx_bridge.ami.link import Link
    from pbx_bridge.ami.recording import Recorder

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the program's parser."""
    parser = subparsers.add_parser(
        "record",
        help="keep the AMI stream of an Asterisk, scrubbed",
        description="Log in as the observer of the settings and append everything Asterisk says to FILE until Ctrl-C. "
        "Phone numbers, names, addresses and secrets are replaced by stand-ins of the same length.",
    )
    add_config(parser)
    parser.add_argument("file", metavar="FILE", type=Path, help="the recording, usually NAME.ami; must not exist")
    parser.add_argument("--for", dest="seconds", metavar="TIME", type=_seconds, help="end by itself: 90s, 5m, 1h")
    parser.set_defaults(run=run)


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"not a time: {text!r} (such as 90s, 5m, 1h)")
    return float(found[1]) * _UNITS[found[2]]


def run(args: argparse.Namespace) -> int:
    """Record; 0 after an orderly end, 2 when FILE cannot be made. Raises `Misconfigured`, `Rejected`."""
    from pbx_bridge.ami.link import Address, Link
    from pbx_bridge.ami.login import Account
    from pbx_bridge.settings import load

    ami = load(args.config).ami
    link = Link(Address(ami.host, ami.port), Account(ami.observer, ami.observer_secret))
    try:
        file = args.file.open("xb")
    except OSError as error:
        print(f"pbx-bridge record: {args.file}: {error.strerror}", file=sys.stderr)
        return 2
    with file:
        with suppress(KeyboardInterrupt):
            asyncio.run(_record(link, file, args.seconds))
        size = file.tell()
    print(f"{args.file}: {size:,} bytes")
    return 0


async def _record(link: "Link", file: BinaryIO, seconds: float | None) -> None:
    from pbx_bridge.ami.recording import Recorder
    from pbx_bridge.ami.scrub import Scrubber

    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await record(link, file, Recorder(Scrubber(os.urandom(32))), time.time())


async def record(link: "Link", file: BinaryIO, recorder: "Recorder", began: float) -> None:
    """Until cancelled: all that the link delivers, its times counted from `began` (epoch seconds)."""

    async def keep(delivery: "Delivery") -> None:
        file.write(await _bytes_of(delivery, link, recorder, lambda: time.time() - began))
        file.flush()

    await link.run(keep)


async def _bytes_of(delivery: "Delivery", link: "Link", recorder: "Recorder", clock: Callable[[], float]) -> bytes:
    from pbx_bridge.ami.inbox import Batch, Down, Up
    from pbx_bridge.ami.queries import BRIDGES, CHANNELS, DEVICES, QUEUES
    from pbx_bridge.ami.seed import seed_from
    from pbx_bridge.core.errors import Unreachable
    from pbx_bridge.core.ids import BootId

    match delivery:
        case Batch(packets, at):
            return recorder.batch(packets, max(0.0, clock() - (time.time() - at)))
        case Down(reason):
            return recorder.down(reason, clock())
        case Up():
            print("recording …", file=sys.stderr)
            try:
                lists = [(await link.read(query)).events for query in (CHANNELS, BRIDGES, QUEUES, DEVICES)]
            except Unreachable:
                return b""  # lost again at once: the next login seeds
            return recorder.seed(seed_from(BootId("recorded"), *lists), clock())
        case _:
            assert_never(delivery)
