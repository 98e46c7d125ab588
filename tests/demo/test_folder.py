"""The demo's data directory."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from pbx_bridge.core.errors import Misconfigured
from pbx_bridge.demo.folder import data_folder

KILLED = """
import os, signal
from pbx_bridge.demo.folder import data_folder
with data_folder(None) as folder:
    print(folder, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_one_of_its_own_goes_and_a_wished_one_stays(tmp_path: Path) -> None:
    with data_folder(None) as fresh:
        assert fresh.is_dir()
    with data_folder(tmp_path / "deep" / "kept") as kept:
        assert kept.is_dir()
    assert not fresh.exists()
    assert kept.is_dir()


def test_two_demos_do_not_share_one(tmp_path: Path) -> None:
    with data_folder(tmp_path), pytest.raises(Misconfigured, match="another demo runs in"), data_folder(tmp_path):
        pass
    with data_folder(tmp_path):  # free again
        pass


def test_what_a_killed_demo_left_goes_at_the_next_start_and_a_living_ones_stays() -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED], check=False, capture_output=True, text=True, env=os.environ.copy()
    )
    left = Path(killed.stdout.strip())
    assert left.is_dir()
    with data_folder(None) as living, data_folder(None):
        assert living.is_dir()
        assert not left.exists()
