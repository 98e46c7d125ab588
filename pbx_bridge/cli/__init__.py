"""The program `pbx-bridge`: one module a command, imported only when that command is asked for."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

COMMANDS = {
    "demo": "the demo call center: real Asterisk, simulated agents and customers",
    "up": "the service, against your own Asterisk and PostgreSQL",
    "check": "say what is wrong with configuration, Asterisk, database, disk and clock, and how to mend it",
    "migrate": "bring the database up to date",
    "account": "create and change accounts",
    "campaign": "create campaigns and import customer lists",
    "render": "write Asterisk's configuration",
    "reload": "let a changed provision take effect, without losing a call",
    "record": "keep the AMI stream of an Asterisk, scrubbed",
    "replay": "run recorded AMI streams through the switchboard",
    "simulate": "try a pacing policy on a simulated call center",
    "peaks": "compute the waveform of sound files",
}


class _Parser(argparse.ArgumentParser):
    """Bad input is answered with one line, not with the whole usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. 0 done, 1 done and something is wrong (as the command says), 2 bad input or a part missing."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    args = _parser(arguments).parse_args(arguments)
    try:
        status = args.run(args)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output went away; Python would complain when flushing
        return 141
    except Exception as error:
        if not _expected(error):
            raise
        print(f"pbx-bridge {args.command}: {_one_line(error)}", file=sys.stderr)
        return 2
    assert isinstance(status, int)
    return status


def _parser(arguments: list[str]) -> argparse.ArgumentParser:
    parser = _Parser(prog="pbx-bridge", description="A call center's control layer for Asterisk.")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    asked = next((word for word in arguments if not word.startswith("-")), None)
    for name, line in COMMANDS.items():
        if name == asked:
            import_module(f"{__name__}.{name}").add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=line)
    return parser


def _expected(error: Exception) -> bool:
    """Whether it is the world's fault, not a bug: a person shall read one line, not a traceback."""
    from asyncpg import InterfaceError, PostgresError

    from pbx_bridge.core.errors import BridgeError
    from pbx_bridge.parts.errors import PartUnavailable

    return isinstance(error, (BridgeError, PartUnavailable, OSError, PostgresError, InterfaceError))


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
