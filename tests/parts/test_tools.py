"""Programs the tests drive: on PATH, or unpacked; one that is neither is said in one line."""

import subprocess
from pathlib import Path

import pytest

from pbx_bridge.parts.browser import find_browser
from pbx_bridge.parts.errors import PartUnavailable
from pbx_bridge.parts.sipp import find_sipp
from pbx_bridge.parts.tools import find_program


def test_sipp_runs() -> None:
    sipp = find_sipp(print)
    said = subprocess.run([sipp.path, "-v"], env=sipp.environment(), capture_output=True, text=True, timeout=30)
    assert "SIPp v3" in said.stdout + said.stderr


def test_the_browser_runs() -> None:
    browser = find_browser(print)
    said = subprocess.run(
        [browser.executable, "--version"], env=browser.environment, capture_output=True, text=True, timeout=30
    )
    assert said.returncode == 0
    assert "Chrom" in said.stdout


def test_a_program_on_path_is_used_as_it_is() -> None:
    found = find_program(["sh"], "dash", "usr/bin/dash", "-c", print)
    assert found.path.name == "sh"
    assert found.extra == {}


def test_a_chosen_program_that_does_not_run_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PBX_SIPP", str(tmp_path / "absent"))
    with pytest.raises(PartUnavailable, match=r"PBX_SIPP: .*absent does not run"):
        find_sipp(print)
