"""`pbx-bridge peaks` as a test calls it, in this process."""

import argparse

from pbx_bridge.cli.peaks import add_parser, run


def peaks_command(*words: str) -> int:
    """The exit status."""
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    return run(parser.parse_args(["peaks", *words]))
