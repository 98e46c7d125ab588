"""One call's script as Asterisk's AGI() would start it with pyst2: `python -m bench.agi_pyst2 COMMANDS`."""

import sys

from asterisk.agi import AGI


def main(commands: int) -> None:
    agi = AGI()
    for _ in range(commands):
        agi.execute("STREAM FILE", '"prompt"', '"0123456789*#"')


if __name__ == "__main__":
    main(int(sys.argv[1]))
