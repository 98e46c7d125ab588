"""`pbx-bridge replay FILE…`: recorded AMI streams through framing, decoding and the switchboard, facts printed."""

import argparse
import sys
from pathlib import Path
from typing import Final

from msgspec import json

from pbx_bridge.core.errors import Garbled

_BEGAN: Final = 1_700_000_000.0
"""Recordings count seconds from their beginning; replayed, every one begins at the same instant."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the program's parser."""
    parser = subparsers.add_parser(
        "replay",
        help="run recorded AMI streams through the switchboard",
        description="Print the facts that the switchboard makes of recorded streams, and the events it did not know.",
    )
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path)
    parser.add_argument("--json", action="store_true", help="one JSON object a fact")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Replay; 0 when every event was understood, 1 when not, 2 when a file cannot be read."""
    status = 0
    for path in args.files:
        try:
            data = path.read_bytes()
        except OSError as error:
            print(f"pbx-bridge replay: {path}: {error.strerror}", file=sys.stderr)
            return 2
        try:
            understood = _replay(data, as_json=args.json)
        except Garbled as fault:
            print(f"pbx-bridge replay: {path}: {fault}", file=sys.stderr)
            return 2
        status = status if understood else 1
    return status


def _replay(data: bytes, *, as_json: bool) -> bool:
    from pbx_bridge.ami.decode import Decoder
    from pbx_bridge.ami.recording import events, packets
    from pbx_bridge.core.directory import Directory
    from pbx_bridge.core.events import Seed
    from pbx_bridge.core.ids import BootId, NodeId, id_to_text
    from pbx_bridge.core.switchboard import Switchboard

    recorded = packets(data)
    if not recorded:
        raise Garbled("holds no AMI packet")
    decoder = Decoder()
    switchboard = Switchboard(NodeId("replay"), Directory())
    # A stream cut out of a longer one begins without a seed; the switchboard believes nothing before one.
    switchboard.apply(Seed(BootId("recorded"), (), (), (), (), ()), _BEGAN)
    for at, event in events(recorded, decoder):
        for fact in switchboard.apply(event, _BEGAN + at).facts:
            print(json.encode(fact, enc_hook=id_to_text).decode() if as_json else f"{at:10.3f}  {fact!r}")
    for what, counts in (("unknown", decoder.unknown), ("garbled", decoder.garbled)):
        for name, times in counts.items():
            print(f"{what} event {name}: {times} times", file=sys.stderr)
    return not decoder.unknown and not decoder.garbled
