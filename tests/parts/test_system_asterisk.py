"""The machine's own Asterisk is used where it is new enough and complete."""

from pathlib import Path

import pytest

from pbx_bridge.parts import asterisk
from pbx_bridge.parts.errors import PartUnavailable


def _prefix(folder: Path, version: str, *, sounds: bool = True) -> Path:
    """An installation below `folder` that can only say its version; its program."""
    program = folder / "sbin/asterisk"
    for below in ("sbin", "lib/asterisk/modules", "share/asterisk/documentation"):
        (folder / below).mkdir(parents=True)
    if sounds:
        (folder / "share/asterisk/sounds/en").mkdir(parents=True)
    (folder / "lib/asterisk/modules/chan_pjsip.so").touch()
    program.write_text(f"#!/bin/sh\necho 'Asterisk {version}'\n")
    program.chmod(0o755)
    return program


def test_a_demanded_program_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = _prefix(tmp_path, "certified-20.7-cert2")
    monkeypatch.setenv("PBX_ASTERISK", str(program))
    found = asterisk.find_or_fetch(print)
    assert (found.version, found.command) == ((20, 7), (str(program),))
    assert found.modules_dir == tmp_path / "lib/asterisk/modules"
    assert found.data_dir == tmp_path / "share/asterisk"


def test_one_on_path_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = _prefix(tmp_path, "22.4.1")
    monkeypatch.delenv("PBX_ASTERISK", raising=False)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    assert asterisk.find_or_fetch(print).command == (str(program),)


@pytest.mark.parametrize(("version", "sounds"), [("18.10.0", True), ("22.4.1", False)])
def test_one_on_path_that_will_not_do_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, sounds: bool
) -> None:
    program = _prefix(tmp_path, version, sounds=sounds)
    monkeypatch.delenv("PBX_ASTERISK", raising=False)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    assert asterisk.find_or_fetch(print).command != (str(program),)


def test_a_demanded_one_that_is_too_old_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PBX_ASTERISK", str(_prefix(tmp_path, "18.10.0")))
    with pytest.raises(PartUnavailable, match=r"is 18\.10\.0, but 20 or newer is needed"):
        asterisk.find_or_fetch(print)
