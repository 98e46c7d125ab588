"""A real Asterisk boots from a folder, keeps to its folder, and never outlives whoever started it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pbx_bridge.parts import asterisk
from pbx_bridge.parts.errors import PartUnavailable
from tests.parts.processes import eventually, gone, pid_said_by

_STARTER = """
import sys, time
from pathlib import Path
from pbx_bridge.parts import asterisk
running = asterisk.start(asterisk.find_or_fetch(lambda line: None), Path(sys.argv[1]), Path(sys.argv[2]))
print(running.pid, flush=True)
time.sleep(120)
"""


@pytest.fixture
def running(install: asterisk.AsteriskInstall, config_dir: Path, tmp_path: Path) -> Iterator[asterisk.RunningAsterisk]:
    started = asterisk.start(install, config_dir, tmp_path / "run")
    yield started
    started.stop()


def test_boots_with_the_given_configuration(running: asterisk.RunningAsterisk) -> None:
    assert running.install.version >= (20,)
    assert running.install.version_text in running.console("core show version")
    assert "100" in running.console("dialplan show parts")


def test_has_english_sounds_and_room_for_others(running: asterisk.RunningAsterisk) -> None:
    assert list((running.sounds_dir / "en").glob("vm-password.*"))
    (running.sounds_dir / "ja").mkdir()
    assert not (running.install.sounds_dir / "ja").exists()


def test_stop_leaves_no_process_and_may_be_repeated(running: asterisk.RunningAsterisk) -> None:
    running.stop()
    assert gone(running.pid)
    assert not running.running
    running.stop()


def test_starts_again_on_the_same_folder(
    running: asterisk.RunningAsterisk, config_dir: Path, install: asterisk.AsteriskInstall
) -> None:
    running.stop()
    again = asterisk.start(install, config_dir, running.run_dir)
    again.stop()
    assert gone(again.pid)


@pytest.mark.usefixtures("install")
def test_dies_with_a_killed_parent(config_dir: Path, tmp_path: Path) -> None:
    pid, kill = pid_said_by(_STARTER, [str(config_dir), str(tmp_path / "run")])
    assert not gone(pid)
    kill()
    assert eventually(lambda: gone(pid))


def test_a_folder_too_deep_for_a_socket_will_do(
    install: asterisk.AsteriskInstall, config_dir: Path, tmp_path: Path
) -> None:
    deep = tmp_path / ("d" * 90)
    running = asterisk.start(install, config_dir, deep)
    answer = running.console("core show uptime")
    running.stop()
    assert "System uptime" in answer
    directories = (deep / "asterisk.conf").read_text()
    control = re.search(r"astrundir => (\S+)", directories)
    assert control
    assert not Path(control[1]).exists()


def test_options_of_the_configuration_are_kept_and_its_directories_are_not(
    install: asterisk.AsteriskInstall, config_dir: Path, tmp_path: Path
) -> None:
    text = "[directories]\nastetcdir => /nowhere\n[options]\nmaxcalls = 7\n"
    (config_dir / "asterisk.conf").write_text(text)
    running = asterisk.start(install, config_dir, tmp_path / "run")
    settings = running.console("core show settings")
    running.stop()
    assert re.search(r"Maximum calls:\s+7 ", settings)
    assert str(config_dir) in settings


def test_what_cannot_boot_says_why_in_one_line(
    install: asterisk.AsteriskInstall, config_dir: Path, tmp_path: Path
) -> None:
    (config_dir / "modules.conf").write_text("[modules]\nautoload = no\nrequire = no_such_module.so\n")
    with pytest.raises(PartUnavailable) as refusal:
        asterisk.start(install, config_dir, tmp_path / "run", deadline_s=20)
    assert str(refusal.value).count("\n") == 0
    assert "log" in str(refusal.value)


def test_a_demanded_asterisk_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PBX_ASTERISK", "/bin/true")
    with pytest.raises(PartUnavailable, match="/bin/true is no Asterisk"):
        asterisk.find_or_fetch(print)
