"""`pbx-bridge demo`: a whole call center on this machine, until Ctrl-C."""

import argparse
import ipaddress
import re
import sys
from pathlib import Path
from typing import Final

_SECONDS: Final = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the program's parser."""
    parser = subparsers.add_parser(
        "demo",
        help="run the demo call center",
        description="Starts PostgreSQL, Asterisk, the bridge, simulated agents and customers; prints address and "
        "sign-ins; runs until Ctrl-C and then leaves nothing behind. Ports: PBX_WEB_PORT, PBX_SIP_PORT, PBX_AMI_PORT, "
        "PBX_AGI_PORT, PBX_CARRIER_PORT, PBX_PG_PORT; PBX_DATABASE_DSN uses a PostgreSQL of yours.",
    )
    parser.add_argument("--no-traffic", action="store_true", help="no simulated agents and customers: bring phones")
    parser.add_argument(
        "--for",
        dest="seconds",
        metavar="TIME",
        type=_duration,
        help="end by itself so long after it is ready: 90s, 10m, 2h",
    )
    parser.add_argument("--data", metavar="DIR", type=Path, help="keep everything there, and start from it again")
    parser.add_argument("--report", metavar="FILE", type=Path, help="write figures as JSON at the end")
    parser.add_argument("--listen", metavar="ADDRESS", type=_address, help="also for phones on the LAN")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run it: 0 after an orderly end. Raises `PartUnavailable` or `Misconfigured`, one line each."""
    import asyncio

    from pbx_bridge.demo.run import Wishes, run_demo

    _check_report(args.report)
    wishes = Wishes(
        traffic=not args.no_traffic, seconds=args.seconds, data=args.data, report=args.report, listen=args.listen or ""
    )
    return asyncio.run(run_demo(wishes, lambda line: print(line, file=sys.stderr, flush=True)))


def _check_report(report: Path | None) -> None:
    """Before anything starts: figures that cannot be written would be missed at the end."""
    if report is not None and not report.absolute().parent.is_dir():
        raise FileNotFoundError(f"--report {report}: there is no such folder")
    if report is not None and report.is_dir():
        raise IsADirectoryError(f"--report {report}: that is a folder; name a file")


def _duration(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if found is None or float(found[1]) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no time: write 90s, 10m or 2h")
    return float(found[1]) * _SECONDS[found[2]]


def _address(text: str) -> str:
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no IPv4 address of this machine") from None
