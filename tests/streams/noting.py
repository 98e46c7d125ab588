"""`pbx-bridge` that also writes down what people wanted of the switchboard: `commands.jsonl` where it was started.

An AMI stream holds what Asterisk said; a replay needs the other half too (sign-in, open line, leads claimed).
"""

import sys
from pathlib import Path

import msgspec

from pbx_bridge import app
from pbx_bridge.cli import main
from pbx_bridge.core.commands import Command
from pbx_bridge.core.outcome import Outcome
from pbx_bridge.core.switchboard import Switchboard

from .center import FILE
from .stream import Asked


class Noting(Switchboard):
    def decide(self, command: Command, now: float) -> Outcome:
        outcome = super().decide(command, now)
        with Path(FILE).open("ab") as file:
            file.write(msgspec.json.encode(Asked(now, command), enc_hook=int) + b"\n")
        return outcome


if __name__ == "__main__":
    vars(app)["Switchboard"] = Noting
    sys.exit(main(sys.argv[1:]))
