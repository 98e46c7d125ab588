"""`pbx-bridge replay` from outside."""

from pathlib import Path

import pytest

from pbx_bridge.cli import main

HANGUP = b"Event: Novelty\r\nX: 1\r\n\r\n"


def test_facts_and_what_was_not_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.ami"
    file.write_bytes(HANGUP)
    assert main(["replay", str(file)]) == 1
    assert "unknown event Novelty: 1 times" in capsys.readouterr().err


@pytest.mark.parametrize("content", [None, b"", b"not AMI at all", b"x" * 600_000])
def test_bad_input_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None) -> None:
    file = tmp_path / "a.ami"
    if content is not None:
        file.write_bytes(content)
    assert main(["replay", str(file)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_record_refuses_to_overwrite(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", "--config", str(tmp_path / "none.toml"), str(tmp_path / "a.ami")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
