"""What the parts' tests share: the Asterisk to start and a configuration small enough to read."""

from pathlib import Path

import pytest

from pbx_bridge.parts import asterisk
from tests.parts.processes import free_port

MODULES = "[modules]\nautoload = no\nload = pbx_config.so\n"
EXTENSIONS = "[parts]\nexten = 100,1,Answer()\n"


@pytest.fixture(scope="session")
def install() -> asterisk.AsteriskInstall:
    return asterisk.find_or_fetch(print)


@pytest.fixture
def config_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "modules.conf").write_text(MODULES)
    (folder / "extensions.conf").write_text(EXTENSIONS)
    manager = f"[general]\nenabled = yes\nbindaddr = 127.0.0.1\nport = {free_port()}\n"
    (folder / "manager.conf").write_text(manager)
    return folder
