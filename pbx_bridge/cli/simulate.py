"""`pbx-bridge simulate`: pacing policies side by side in simulated call centers."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # numpy is imported only when there is work for it
    from pbx_bridge.simulation.runs import Cell
    from pbx_bridge.simulation.world import World


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the program's parser."""
    parser = subparsers.add_parser(
        "simulate",
        help="try a pacing policy on a simulated call center",
        description="Play shifts of simulated call centers under pacing policies and compare them: talk as a share of "
        "staffed time, and answered calls that found no agent. The same seed always gives the same shift.",
    )
    parser.add_argument("worlds", metavar="WORLD", nargs="*", help="names, or parts of names, of worlds (all)")
    parser.add_argument("--file", type=Path, metavar="TOML", help="worlds of your own instead of the shipped ones")
    parser.add_argument("--list", action="store_true", help="name the worlds and the policies, and end")
    parser.add_argument(
        "--policy", action="append", metavar="NAME", help="as --list names them; may be repeated (a choice of five)"
    )
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="shifts a world and policy (5)")
    parser.add_argument("--first-seed", type=int, default=0, metavar="N", help="(0)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes (one a core)")
    parser.add_argument("--json", action="store_true", help="figures for a program")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="a picture: .svg or .html")
    parser.add_argument("-q", "--quiet", action="store_true", help="show no progress")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Play and print. Raises Misconfigured for bad input, which the program answers with one line and status 2."""
    from pbx_bridge.simulation.policies import DEFAULT
    from pbx_bridge.simulation.report import as_table, run_cells

    _check(args)
    worlds = _worlds(args)
    if args.list:
        print(_listing(worlds))
        return 0
    seeds = range(args.first_seed, args.first_seed + args.seeds)
    policies = args.policy or DEFAULT
    progress = None if args.quiet else sys.stderr
    if progress:
        size = f"{len(worlds)} worlds, {len(policies)} policies, {len(seeds)} seeds each"
        print(f"{len(worlds) * len(policies) * len(seeds)} shifts: {size}; --list names what there is", file=progress)
    cells = run_cells(worlds, policies, seeds, args.jobs, progress)
    print(_json(cells) if args.json else as_table(cells))
    if args.chart:
        _draw(args.chart, cells)
    return 0


def _check(args: argparse.Namespace) -> None:
    from pbx_bridge.core.errors import Misconfigured

    if not 1 <= args.seeds <= 10_000:
        raise Misconfigured("--seeds must be 1 to 10000")
    if not 0 <= args.first_seed < 2**31:
        raise Misconfigured("--first-seed must be 0 or more")
    if not 1 <= args.jobs <= 256:
        raise Misconfigured("--jobs must be 1 to 256")
    if args.chart and args.chart.suffix not in (".svg", ".html"):
        raise Misconfigured(f"--chart {args.chart}: the name must end in .svg or .html")


def _worlds(args: argparse.Namespace) -> "list[World]":
    from pbx_bridge.core.errors import Misconfigured
    from pbx_bridge.simulation.world import read_worlds, shipped_worlds

    worlds = read_worlds(args.file) if args.file else shipped_worlds()
    for asked in args.worlds:
        if not any(asked in world.name for world in worlds):
            raise Misconfigured(f"no world's name has {asked!r} in it; --list names them")
    exact = [world for world in worlds if world.name in args.worlds]
    return exact or [w for w in worlds if not args.worlds or any(asked in w.name for asked in args.worlds)]


def _listing(worlds: "list[World]") -> str:
    from pbx_bridge.simulation.policies import MEANINGS

    lines = ["Worlds:", *(f"  {world.name} ({world.hours:g} h)" for world in worlds), "Policies:"]
    return "\n".join(lines + [f"  {name}: {meaning}" for name, meaning in MEANINGS.items()])


def _json(cells: "list[Cell]") -> str:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(cells)).decode()


def _draw(path: Path, cells: "list[Cell]") -> None:
    from pbx_bridge.simulation.chart import html, svg

    path.write_text(svg(cells) if path.suffix == ".svg" else html(cells), encoding="utf-8")
    print(f"wrote {path}", file=sys.stderr)
