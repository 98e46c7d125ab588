"""`python -m pbx_bridge.parts COMMAND`: fetch a part into the cache and say where it is, or run one by hand."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from pbx_bridge.parts import asterisk, browser, sipp
from pbx_bridge.parts.errors import PartUnavailable


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _describe_asterisk() -> None:
    install = asterisk.find_or_fetch(_say)
    print(f"Asterisk {install.version_text}\n  root     {install.root}\n  command  {' '.join(install.command)}")
    print(f"  modules  {install.modules_dir}\n  data     {install.data_dir}\n  sounds   {install.sounds_dir}")


def _describe_tools() -> None:
    print(f"Chromium   {browser.find_browser(_say).executable}")
    print(f"SIPp       {sipp.find_sipp(_say).path}")


def _run_asterisk(config_dir: Path, run_dir: Path) -> None:
    running = asterisk.start(asterisk.find_or_fetch(_say), config_dir, run_dir)
    _say(f"Asterisk is up, process {running.pid}; its output: {running.log_dir / 'console'}; Ctrl-C ends it")
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked.set())
    asked.wait()
    running.stop()


def main() -> int:
    """Do what the command line says; 0, or 2 with one line on standard error, or 130 when interrupted."""
    parser = argparse.ArgumentParser(prog="python -m pbx_bridge.parts", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("asterisk", help="fetch Asterisk into the cache unless there is one")
    commands.add_parser("tools", help="fetch what the tests drive, unless it is installed: Chromium, SIPp")
    run = commands.add_parser("run-asterisk", help="run it in the foreground until Ctrl-C")
    run.add_argument("config_dir", type=Path, help="the configuration: pjsip.conf, extensions.conf, …")
    run.add_argument("run_dir", type=Path, help="where it writes everything")
    arguments = parser.parse_args()
    try:
        match arguments.command:
            case "asterisk":
                _describe_asterisk()
            case "tools":
                _describe_tools()
            case "run-asterisk":
                _run_asterisk(arguments.config_dir, arguments.run_dir)
    except PartUnavailable as failure:
        _say(str(failure))
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
