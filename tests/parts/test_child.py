"""What is said of a part that ended."""

import os
import signal
import sys
from pathlib import Path

import pytest

from pbx_bridge.parts.child import Child, spawn
from pbx_bridge.parts.errors import PartUnavailable

SPEAKS = "import time; print('all is well', flush=True); time.sleep(60)"


def speaking(tmp_path: Path) -> Child:
    child = spawn([sys.executable, "-c", SPEAKS], log=tmp_path / "log", cwd=tmp_path)
    child.wait_until(lambda: "well" in child.log.read_text(), "it", 10)
    return child


def test_who_was_killed_has_no_last_words(tmp_path: Path) -> None:
    child = speaking(tmp_path)
    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(PartUnavailable, match="it ended at its start: killed by SIGKILL"):
        child.wait_until(lambda: False, "it", 10)
    assert "killed by SIGKILL" in child.last_words()


def test_who_is_too_slow_is_quoted_and_not_taken_for_killed(tmp_path: Path) -> None:
    with pytest.raises(PartUnavailable, match="it was not ready after 0 s: all is well"):
        speaking(tmp_path).wait_until(lambda: False, "it", 0.1)


def test_who_ends_by_itself_is_quoted(tmp_path: Path) -> None:
    child = spawn([sys.executable, "-c", "raise SystemExit('no disk')"], log=tmp_path / "log", cwd=tmp_path)
    with pytest.raises(PartUnavailable, match="no disk"):
        child.wait_until(lambda: False, "it", 10)
