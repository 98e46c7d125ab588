"""`pbx-bridge migrate`: bring the database up to date."""

import argparse
import sys

from msgspec import Struct, json

from pbx_bridge.store.migrate import Migration, migrate, pending
from pbx_bridge.store.pool import Pool

from .database import add_database, on_database


class Report(Struct):
    """What `--json` writes: steps by number and name."""

    applied: list[str]
    missing: list[str]


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the program's parser."""
    parser = subparsers.add_parser(
        "migrate",
        help="bring the database up to date",
        description="Apply the migrations the database has not seen yet, each in a transaction. Safe to run twice, or "
        "twice at once. With --check nothing is written: exit status 1 when migrations are missing.",
    )
    add_database(parser)
    parser.add_argument("--check", action="store_true", help="only say what is missing")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 up to date, 1 (`--check` only) not. Raises `Misconfigured`."""
    report = on_database(args, lambda pool: _work(pool, args), migrated=False)
    if args.json:
        sys.stdout.write(json.encode(report).decode() + "\n")
    elif args.check:
        print("\n".join(report.missing) or "up to date")
    elif not report.applied:
        print("up to date")
    return 1 if report.missing else 0


async def _work(pool: Pool, args: argparse.Namespace) -> Report:
    if args.check:
        return Report([], [_title(step) for step in await pending(pool)])

    def said(step: Migration) -> None:
        if not args.json:
            print(f"applied {_title(step)}", flush=True)

    return Report([_title(step) for step in await migrate(pool, said)], [])


def _title(step: Migration) -> str:
    return f"{step.number:04} {step.name}"
