"""The script Asterisk itself runs when the bridge's FastAGI is away: speaks one sentence, spools the request.

In the dialplan: `AGI(…/bin/pbx-fallback,DIALOGUE,SPOOL_DIRECTORY)`. It is a process for each call and needs nothing
of the bridge. The only place for pyst2, whose habits are walled off here: it prints every variable to stderr (which
goes nowhere), takes over SIGHUP (given back), and does not escape what it quotes (only our own words are sent).
"""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Final, TextIO

from asterisk.agi import AGI, AGIException

SENTENCE: Final = "pbx/try-later"
SPOOL_FILE: Final = "missed-requests.jsonl"

_KEPT: Final = ("agi_uniqueid", "agi_channel", "agi_extension", "agi_context", "agi_callerid", "agi_language")


def main() -> int:
    """Arguments: the dialogue's name and the spool directory. 0 even when the caller has gone."""
    dialogue, spool = (*sys.argv[1:], "", "")[:2]
    with Path(os.devnull).open("w") as nowhere:
        return speak(dialogue, Path(spool) if spool else None, sys.stdin, sys.stdout, nowhere)


def speak(dialogue: str, spool: Path | None, stdin: TextIO, stdout: TextIO, stderr: TextIO) -> int:
    """Spools first: a caller who hangs up has asked all the same. The channel's language chooses the voice."""
    agi = AGI(stdin, stdout, stderr)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    if spool is not None:
        keep(spool, dialogue, agi.env)
    try:
        agi.answer()
        agi.execute("STREAM FILE", f'"{SENTENCE}"', '""')
    except (AGIException, OSError):
        return 0
    return 0


def keep(spool: Path, dialogue: str, call: dict[str, str]) -> None:
    """One line appended in one write, so that calls at the same moment do not mix. A full disk costs the line, not
    the sentence."""
    line = {"at": round(time.time(), 3), "dialogue": dialogue} | {name: call.get(name, "") for name in _KEPT}
    try:
        file = os.open(spool / SPOOL_FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, (json.dumps(line) + "\n").encode())
        finally:
            os.close(file)
    except OSError:
        return


if __name__ == "__main__":
    sys.exit(main())
