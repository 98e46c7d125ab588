"""`pbx-bridge check`: what is wrong with the installation, and how to mend it."""

import argparse
from typing import TYPE_CHECKING

from .up import add_config

if TYPE_CHECKING:  # imported only when there is something to look at
    from .checks.finding import Finding

_MARKS = {"ok": "ok     ", "warning": "warning", "problem": "PROBLEM"}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the program's parser."""
    parser = subparsers.add_parser(
        "check",
        help="say what is wrong and how to mend it",
        description="Looks at configuration, Asterisk, database, disk, prompts and clock; changes nothing. "
        "Exit status: 0 all well (warnings allowed), 1 a problem was found, 2 the settings cannot be read.",
    )
    add_config(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Look and tell. Raises `Misconfigured` when there are no settings to start from."""
    import asyncio

    from pbx_bridge.settings import load

    from .checks import asterisk, database, machine
    from .checks.finding import Finding, ok

    settings = load(args.config)

    async def everything() -> list[Finding]:
        found = [ok("settings", str(args.config))]
        for place in (asterisk, database, machine):
            found += [finding async for finding in place.look(settings)]
        return found

    findings = asyncio.run(everything())
    if args.json:
        _as_json(findings)
    else:
        _as_text(findings)
    return 1 if any(finding.verdict == "problem" for finding in findings) else 0


def _as_json(findings: "list[Finding]") -> None:
    import msgspec

    print(msgspec.json.encode({"findings": findings}).decode())


def _as_text(findings: "list[Finding]") -> None:
    width = max(len(finding.place) for finding in findings)
    for finding in findings:
        print(f"{_MARKS[finding.verdict]}  {finding.place:{width}}  {finding.seen}")
        if finding.mend:
            print(f"{'':{width + 11}}→ {finding.mend}")
