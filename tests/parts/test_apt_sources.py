"""The Debian mirror is what the machine's own sources name, in either of their two formats."""

from pathlib import Path

import pytest

from pbx_bridge.parts.apt_sources import find_mirror
from pbx_bridge.parts.errors import PartUnavailable

_VENDOR = "deb https://vendor.test/linux/debian bookworm stable\n"
_ONE_LINE = "deb [arch=amd64 signed-by=/k.gpg] http://mirror.test/debian bookworm main contrib\n"
_SECURITY = "deb http://mirror.test/debian-security bookworm-security main\n"
_DEB822 = "Types: deb\nURIs: http://mirror.test/debian/\nSuites: bookworm\nComponents: main\n"


@pytest.fixture(autouse=True)
def no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PBX_DEBIAN_MIRROR", raising=False)


@pytest.fixture
def apt(tmp_path: Path) -> Path:
    (tmp_path / "sources.list.d").mkdir()
    return tmp_path


def test_a_one_line_source(apt: Path) -> None:
    (apt / "sources.list").write_text(f"# a comment\n{_VENDOR}{_SECURITY}{_ONE_LINE}")
    assert find_mirror(apt).uri == "http://mirror.test/debian"


def test_a_deb822_source_after_a_disabled_one(apt: Path) -> None:
    disabled = _DEB822.replace("mirror", "other") + "Enabled: no\n"
    (apt / "sources.list.d/debian.sources").write_text(f"{disabled}\n{_DEB822}")
    assert find_mirror(apt).uri == "http://mirror.test/debian/"


def test_the_variable_decides(apt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (apt / "sources.list").write_text(_ONE_LINE)
    monkeypatch.setenv("PBX_DEBIAN_MIRROR", "http://chosen.test/debian")
    assert "URIs: http://chosen.test/debian\nSuites: forky\n" in find_mirror(apt).source("forky")


@pytest.mark.parametrize("sources", ["", _VENDOR, _SECURITY, "deb-src http://mirror.test/debian bookworm main\n"])
def test_no_mirror_is_said_in_one_line(apt: Path, sources: str) -> None:
    (apt / "sources.list").write_text(sources)
    with pytest.raises(PartUnavailable, match="PBX_DEBIAN_MIRROR"):
        find_mirror(apt)
