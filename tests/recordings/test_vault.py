"""Names that cannot climb, files that are whole or not there, seals that notice any change, streams that seek."""

import io
import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings import Unreadable
from recordings.naming import BadName, checked, export_name, name_of
from recordings.sealed import CHUNK, MasterKeys, Sealed, seal
from recordings.vault import DirectoryVault, Missing, Vault, read_range, size_of
from tests.recordings.s3_server import S3Server

KEY, OTHER = bytes(range(32)), bytes(32)
NAME = name_of("0123456789ab", date(2026, 11, 22), "flac")


@pytest.fixture(params=["plain directory", "sealed directory", "plain bucket", "sealed bucket"])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Vault:
    """Every vault keeps the same promises."""
    kind, _, place = request.param.partition(" ")
    keys = MasterKeys(KEY) if kind == "sealed" else None
    if place == "directory":
        return DirectoryVault(tmp_path / "vault", keys)
    server: S3Server = request.getfixturevalue("s3")
    return server.vault(keys)


def _file(folder: Path, data: bytes) -> Path:
    path = folder / "source"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 200_000])
def test_what_goes_in_comes_out(vault: Vault, tmp_path: Path, length: int) -> None:
    data = os.urandom(length)
    assert not vault.exists(NAME)
    vault.put(NAME, _file(tmp_path, data))
    assert vault.exists(NAME)
    with vault.open(NAME) as file:
        assert size_of(file) == length
        assert file.read() == data
        for first, last in ((0, length), (length // 3, length // 2), (length - 1, length), (70_000, 140_000)):
            assert b"".join(read_range(file, max(0, first), last)) == data[max(0, first) : last]
    vault.put(NAME, _file(tmp_path, b"newer"))
    with vault.open(NAME) as file:
        assert file.read() == b"newer"
    vault.delete(NAME)
    vault.delete(NAME)
    with pytest.raises(Missing):
        vault.open(NAME)


def test_nothing_readable_lies_on_the_disk(tmp_path: Path) -> None:
    vault = DirectoryVault(tmp_path / "vault", MasterKeys(KEY))
    vault.put(NAME, _file(tmp_path, b"fLaC and a secret" * 9000))
    for path in (tmp_path / "vault").rglob("*"):
        assert path.is_dir() or b"secret" not in path.read_bytes()
    assert [path.name for path in (tmp_path / "vault").rglob("*") if path.is_file()] == ["0123456789ab.flac"]


def _sealed(data: bytes, name: str = NAME, *keys: bytes) -> bytes:
    out = io.BytesIO()
    seal(io.BytesIO(data), out, MasterKeys(*(keys or (KEY,))), name)
    return out.getvalue()


def _opened(sealed: bytes, name: str = NAME, *keys: bytes) -> bytes:
    return Sealed(io.BytesIO(sealed), MasterKeys(*(keys or (KEY,))), name).read()


@given(st.data(), st.sampled_from([0, 5, CHUNK, CHUNK + 7]))
@settings(max_examples=100, deadline=None)
def test_any_changed_bit_is_noticed(data: st.DataObject, length: int) -> None:
    sealed = bytearray(_sealed(b"x" * length))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(Unreadable):
        _opened(bytes(sealed))


@given(st.integers(0, 2 * (CHUNK + 16) + 99))
@settings(max_examples=100, deadline=None)
def test_a_shorter_file_is_noticed(length: int) -> None:
    sealed = _sealed(b"x" * 2 * CHUNK)
    with pytest.raises(Unreadable):
        _opened(sealed[: min(length, len(sealed) - 1)])


def test_chunks_cannot_change_places() -> None:
    sealed = _sealed(b"x" * CHUNK + b"y" * CHUNK + b"z")
    start, size = len(sealed) - 2 * (CHUNK + 16) - 17, CHUNK + 16
    first, second = sealed[start : start + size], sealed[start + size : start + 2 * size]
    with pytest.raises(Unreadable):
        _opened(sealed[:start] + second + first + sealed[start + 2 * size :])


def test_another_name_or_key_does_not_open() -> None:
    sealed = _sealed(b"one call")
    assert _opened(sealed) == b"one call"
    for name, key in ((NAME.replace("0123", "3210"), KEY), (NAME, OTHER)):
        with pytest.raises(Unreadable):
            _opened(sealed, name, key)


def test_a_replaced_master_key_still_opens_old_files() -> None:
    old = _sealed(b"old")
    assert _opened(old, NAME, OTHER, KEY) == b"old"
    assert _opened(_sealed(b"new", NAME, OTHER, KEY), NAME, OTHER) == b"new"
    with pytest.raises(ValueError, match="32 random bytes"):
        MasterKeys(b"short")


def test_names_come_from_id_and_day() -> None:
    assert NAME == "2026/11/22/0123456789ab.flac"
    assert str(checked(NAME)) == NAME
    assert str(checked(export_name("k3f9"))) == "exports/k3f9.zip"


_STEPS = ["..", ".", "/", "//", "\\", "%2e%2e", "..%2f", "%00", "\0", "~", "etc/passwd", "a", " ", "\n", "．．"]


@given(st.lists(st.sampled_from(_STEPS), min_size=1, max_size=6).map("".join))
@settings(max_examples=300)
def test_no_name_climbs_out(wish: str) -> None:
    vault = DirectoryVault(Path("/nowhere"))
    for name in (wish, f"2026/11/22/{wish}", f"2026/11/22/{wish}.flac", f"{wish}/2026/11/22/a.flac"):
        if name == "2026/11/22/a.flac" or set(wish) == {"a"}:
            continue
        with pytest.raises(BadName):
            vault.open(name)
    if set(wish) != {"a"}:
        with pytest.raises(BadName):
            name_of(wish, date(2026, 1, 1), "flac")
        with pytest.raises(BadName):
            export_name(wish)
