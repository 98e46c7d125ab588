"""`pbx-bridge render PROVISION.toml -o FOLDER`: Asterisk's configuration, written whole, and what changed."""

import argparse
from pathlib import Path


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the program's parser."""
    parser = subparsers.add_parser(
        "render",
        help="write Asterisk's configuration",
        description="Render Asterisk's configuration files from a provision; see asterisk-config/provision.toml for "
        "an example. Other .conf files of the folder are removed; each file is readable to its owner only.",
    )
    parser.add_argument("provision", metavar="PROVISION.toml", type=Path)
    parser.add_argument("-o", "--output", metavar="FOLDER", type=Path, required=True)
    parser.add_argument(
        "--agi-key", metavar="KEY", help="the bridge's [agi] key, in place of the file's inner and outer"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would change and write nothing")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 when the folder is as rendered; 1 when `--dry-run` found differences. Raises `Misconfigured`, `OSError`."""
    import msgspec

    from agi.token import keys
    from dialplan.check import differences, load, stored, write
    from dialplan.render import render

    provision = load(args.provision)
    if args.agi_key:
        own = keys(args.agi_key.encode())
        agi = msgspec.structs.replace(provision.agi, inner=own.inner, outer=own.outer)
        provision = msgspec.structs.replace(provision, agi=agi)
    files = render(provision)
    changes = differences(files, stored(args.output) if args.output.is_dir() else {})
    if not args.dry_run:
        write(files, args.output)
    print("\n".join(changes) or "nothing to change")
    return 1 if args.dry_run and changes else 0
