"""`pbx-bridge check` on a whole installation, and on one with something wrong."""

import json
from pathlib import Path

import pytest

from pbx_bridge.cli import main

from .lab import Lab


def check(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, tuple[str, str]]]:
    """Exit status, and place → (verdict, what to do)."""
    status = main(["check", "--json", "--config", str(path)])
    findings = json.loads(capsys.readouterr().out)["findings"]
    return status, {finding["place"]: (finding["verdict"], finding["mend"]) for finding in findings}


def changed(lab: Lab, tmp_path: Path, before: str, after: str) -> Path:
    text = lab.center.plan.settings.read_text()
    assert before in text
    path = tmp_path / "pbx-bridge.toml"
    path.write_text(text.replace(before, after))
    return path


async def test_all_is_well(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    status, found = await lab.in_thread(check, lab.center.plan.settings, capsys)
    assert status == 0, found
    assert {verdict for place, (verdict, _) in found.items() if place != "clock"} == {"ok"}
    assert {"AMI observer", "AMI controller", "Asterisk version", "Asterisk modules", "database schema"} <= set(found)


async def test_a_wrong_secret(lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = changed(lab, tmp_path, lab.center.kept.keys.observer_secret, "wrong")
    status, found = await lab.in_thread(check, path, capsys)
    assert status == 1
    verdict, mend = found["AMI observer"]
    assert verdict == "problem"
    assert "manager.conf" in mend
    assert found["AMI controller"][0] == "ok"


async def test_a_wrong_port(lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = lab.center.plan
    path = changed(lab, tmp_path, f"port = {plan.ami_port}\n", f"port = {plan.web_port}\n")
    status, found = await lab.in_thread(check, path, capsys)
    assert status == 1
    assert found["AMI observer"][0] == "problem"


async def test_a_wrong_database_and_a_folder_that_is_not_there(
    lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = changed(lab, tmp_path, "/pbx_bridge", "/elsewhere")
    path.write_text(path.read_text().replace(str(lab.center.plan.spool), str(tmp_path / "none")))
    status, found = await lab.in_thread(check, path, capsys)
    assert status == 1
    assert found["database"][0] == "problem"
    assert found["recording spool"][0] == "problem"
