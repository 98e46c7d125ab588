"""`python -m pbx_bridge.parts PART`: fetch a part into the cache and say where it is."""

import argparse
import sys

from pbx_bridge.parts import asterisk
from pbx_bridge.parts.errors import PartUnavailable


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    """Fetch what the command line names; 0, or 2 with one line on standard error."""
    parser = argparse.ArgumentParser(prog="python -m pbx_bridge.parts", description=__doc__)
    parser.add_argument("part", choices=["asterisk"])
    parser.parse_args()
    try:
        install = asterisk.find_or_fetch(_say)
    except PartUnavailable as failure:
        _say(str(failure))
        return 2
    print(f"Asterisk {install.version_text}\n  root     {install.root}\n  command  {' '.join(install.command)}")
    print(f"  modules  {install.modules_dir}\n  data     {install.data_dir}\n  sounds   {install.sounds_dir}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
