"""`python -m pbx_bridge.simulation.table`: the table of docs/pacing.md again, all shipped worlds, progress shown."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from pbx_bridge.core.errors import Misconfigured
from pbx_bridge.simulation.chart import svg
from pbx_bridge.simulation.report import as_table, run_cells
from pbx_bridge.simulation.world import shipped_worlds


def main(arguments: Sequence[str] | None = None) -> int:
    """0: every bar met; 1: the table is there and some bar is missed; 2: bad input."""
    parser = argparse.ArgumentParser(prog="python -m pbx_bridge.simulation.table", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="shifts a cell (10)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (2)")
    parser.add_argument("--group", action="append", choices=("stationary", "changing", "leads"), help="only these")
    parser.add_argument("--peers", action="store_true", help="the other policies too (takes about twice as long)")
    parser.add_argument(
        "--out", type=Path, default=Path("build/pacing.json"), help="JSON, chart beside it (build/pacing.json)"
    )
    args = parser.parse_args(arguments)
    if not 1 <= args.seeds <= 1000 or not 1 <= args.jobs <= 64:
        parser.error("--seeds must be 1 to 1000 and --jobs 1 to 64")
    worlds = [world for world in shipped_worlds() if not args.group or world.group in args.group]
    policies = ["predictive"]
    if args.peers:
        policies += ["predictive-no-trim", "progressive", "vicidial", "static:1.5", "expected-free"]
    try:
        cells = run_cells(worlds, policies, range(args.seeds), args.jobs, sys.stderr)
    except Misconfigured as error:
        parser.error(str(error))
    print(as_table(cells))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_bytes(msgspec.json.format(msgspec.json.encode(cells)) + b"\n")
    args.out.with_suffix(".svg").write_text(svg(cells))
    return 1 if any(cell.met is False for cell in cells if cell.policy == "predictive") else 0


if __name__ == "__main__":
    sys.exit(main())
