"""The little script on its own, as Asterisk starts it."""

import json
import subprocess
import sys
from pathlib import Path

from agi.fallback import SPOOL_FILE

REQUEST = "agi_network: no\nagi_channel: PJSIP/1001-1\nagi_uniqueid: 1.1\nagi_extension: 0010\nagi_language: ja\n\n"


def called(spool: Path, answers: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "agi.fallback", "sign_in", str(spool)]
    return subprocess.run(command, input=REQUEST + answers, capture_output=True, text=True, timeout=20, check=False)


def test_it_speaks_and_spools(tmp_path: Path) -> None:
    done = called(tmp_path, "200 result=0\n200 result=0 endpos=8000\n")
    assert done.returncode == 0
    assert done.stdout == 'ANSWER\nSTREAM FILE "pbx/try-later" ""\n'
    assert done.stderr == ""  # pyst2 would print every variable
    spooled = json.loads((tmp_path / SPOOL_FILE).read_text())
    assert spooled["dialogue"] == "sign_in"
    assert spooled["agi_uniqueid"] == "1.1"
    assert spooled["agi_extension"] == "0010"


def test_a_caller_who_has_gone_and_a_spool_that_cannot_be_written_are_no_errors(tmp_path: Path) -> None:
    done = called(tmp_path / "nowhere", "200 result=-1\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ANSWER")
