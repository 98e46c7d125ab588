"""`pbx-bridge render`: an administrator's way to the files."""

from pathlib import Path

import pytest

from agi.token import keys
from dialplan.check import HOME
from pbx_bridge.cli import main


def test_it_writes_says_what_changed_and_then_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["render", str(HOME / "provision.toml"), "-o", str(tmp_path / "etc"), "--agi-key", "secret"]
    assert main([*command, "--dry-run"]) == 1
    assert not (tmp_path / "etc").exists()
    assert main(command) == 0
    assert "pjsip.conf: missing" in capsys.readouterr().out
    text = (tmp_path / "etc/extensions.conf").read_text()
    assert keys(b"secret").inner in text
    assert (tmp_path / "etc/pjsip.conf").stat().st_mode & 0o777 == 0o600
    assert main(command) == 0
    assert capsys.readouterr().out == "nothing to change\n"


@pytest.mark.parametrize("text", [None, "node = ", 'node = "x"', "\udcff"])
def test_a_bad_provision_is_one_line_and_writes_nothing(
    tmp_path: Path, text: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "provision.toml"
    if text is not None:
        file.write_bytes(text.encode(errors="surrogateescape"))
    assert main(["render", str(file), "-o", str(tmp_path / "etc")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (tmp_path / "etc").exists()
