"""`pbx-bridge up`: the service."""

import argparse
import logging
import os
from pathlib import Path

DEFAULT_CONFIG = "pbx-bridge.toml"
_LEVELS = ("debug", "info", "warning", "error")


def add_config(parser: argparse.ArgumentParser) -> None:
    """`--config`, as every command that works with a running installation takes it."""
    parser.add_argument(
        "--config",
        metavar="FILE",
        type=Path,
        default=Path(os.environ.get("PBX_CONFIG", DEFAULT_CONFIG)),
        help=f"settings in TOML (else PBX_CONFIG, else {DEFAULT_CONFIG}); PBX_<SECTION>_<KEY> overrides a value",
    )


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the program's parser."""
    parser = subparsers.add_parser(
        "up",
        help="run the service",
        description="The service, against your own Asterisk and PostgreSQL, until SIGTERM or Ctrl-C.",
    )
    add_config(parser)
    parser.add_argument("--log-level", choices=_LEVELS, default="info")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve; 0 after an orderly end. Raises `Misconfigured` when it cannot start."""
    import uvloop

    from pbx_bridge.app import serve
    from pbx_bridge.settings import load

    settings = load(args.config)
    logging.basicConfig(level=args.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    uvloop.run(serve(settings))
    return 0
