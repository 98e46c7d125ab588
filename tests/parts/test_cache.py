"""What is fetched appears whole or not at all."""

from pathlib import Path

import pytest

from pbx_bridge.parts.cache import appearing_whole, cache_home


class Interrupted(Exception):
    """Stands for anything that can end a download."""


def test_appears_when_the_block_ends_well(tmp_path: Path) -> None:
    with appearing_whole(tmp_path / "part") as scratch:
        (scratch / "file").write_text("x")
        assert not (tmp_path / "part").exists()
    assert (tmp_path / "part/file").read_text() == "x"
    assert [path.name for path in tmp_path.iterdir()] == ["part"]


def test_vanishes_when_it_does_not(tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        _interrupt(tmp_path / "part")
    assert list(tmp_path.iterdir()) == []


def _interrupt(final: Path) -> None:
    with appearing_whole(final) as scratch:
        (scratch / "file").write_text("x")
        raise Interrupted


def test_replaces_an_incomplete_leftover(tmp_path: Path) -> None:
    (tmp_path / "part").mkdir()
    (tmp_path / "part/old").touch()
    with appearing_whole(tmp_path / "part") as scratch:
        (scratch / "new").touch()
    assert [path.name for path in (tmp_path / "part").iterdir()] == ["new"]


def test_lies_where_the_desktop_specification_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_home() == tmp_path / "pbx-bridge"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_home() == tmp_path / ".cache/pbx-bridge"
