"""What only a vault at the other end of a wire can do wrong. What every vault promises is in test_vault.py.

The server is real, if small: rclone serving S3 (signatures, ranges, uploads in parts) from a directory.
"""

import base64
import io
import os
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pbx_bridge.app_recordings import open_vault
from pbx_bridge.cli.checks.machine import look
from pbx_bridge.core.errors import Misconfigured
from pbx_bridge.core.ids import CallId
from pbx_bridge.ports.recordings import Spooled
from pbx_bridge.settings import Settings, load
from recordings import s3 as s3_module
from recordings.keep import keeper
from recordings.library import Library
from recordings.naming import export_name, name_of
from recordings.sealed import MasterKeys
from recordings.vault import Missing
from tests.recordings.s3_server import ACCESS, SECRET, S3Server
from tests.recordings.sounds import noise

KEYS = MasterKeys(bytes(range(32)))
NAME = name_of("0123456789ab", date(2026, 11, 22), "flac")


def _file(folder: Path, data: bytes) -> Path:
    path = folder / "source"
    path.write_bytes(data)
    return path


async def test_a_call_from_the_spool_to_a_clip(s3: S3Server, tmp_path: Path) -> None:
    vault, source = s3.vault(KEYS), tmp_path / "call.raw"
    source.write_bytes(noise(80_000, 2).tobytes())
    kept = keeper(vault, tmp_path / "work")(source, Spooled(CallId("k3f9"), "call.raw", datetime.now(UTC), 10.0))

    async def find(call: CallId) -> str | None:
        return kept.path

    library = Library(vault, find)
    clip = await library.cut(CallId("k3f9"), 3.0, 7.5, "flac")
    assert clip is not None
    body = b"".join([piece async for piece in clip.read(0, clip.audio.size)])
    block, _ = soundfile.read(io.BytesIO(body), dtype="int16")
    assert np.array_equal(block, noise(80_000, 2)[24_000:60_000, ::-1])
    dat = await library.peaks(CallId("k3f9"), 1024)
    assert dat is not None
    assert len(dat) == 24 + 4 * -(-80_000 // 1024)


def test_the_server_never_sees_sound(s3: S3Server, tmp_path: Path) -> None:
    bucket = s3.bucket()
    s3.vault(KEYS, bucket.name).put(NAME, _file(tmp_path, b"fLaC and a secret" * 9000))
    sealed = (bucket / NAME).read_bytes()
    assert len(sealed) > 9000 * 17
    assert b"secret" not in sealed


def test_a_large_archive_goes_in_parts(s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_module, "PART", 5 << 20)  # the least a part may have
    vault, data = s3.vault(None), os.urandom(12 << 20)
    vault.put(export_name("k3f9"), _file(tmp_path, data))
    with vault.open(export_name("k3f9")) as file:
        assert file.read() == data


def test_replaced_while_it_is_read(s3: S3Server, tmp_path: Path) -> None:
    vault = s3.vault(None)
    vault.put(NAME, _file(tmp_path, os.urandom(3 << 20)))
    with vault.open(NAME) as file:
        file.read(10)
        vault.put(NAME, _file(tmp_path, os.urandom(3 << 20)))
        file.seek(2 << 20)
        with pytest.raises(OSError, match="changed while it was read"):
            file.read(10)


def test_wrong_keys_no_bucket_no_server(s3: S3Server, tmp_path: Path) -> None:
    s3.vault(None).check()
    with pytest.raises(OSError, match="there is no bucket nosuch"):
        s3.vault(None, "nosuch").check()
    with pytest.raises(OSError, match="SignatureDoesNotMatch"):
        s3.vault(None, secret="wrong").put(NAME, _file(tmp_path, b"x"))
    with pytest.raises(Missing):
        s3.vault(None, "nosuch").open(NAME)
    with S3Server(tmp_path / "own") as own:
        vault = own.vault(None)
        own.stop()
        with pytest.raises(OSError, match="connect"):
            vault.exists(NAME)


def _settings(folder: Path, more: str) -> Settings:
    path = folder / "pbx.toml"
    path.write_text(
        f"""
        database.dsn = "postgresql://nowhere"
        ami = {{ observer_secret = "x", controller_secret = "y" }}
        agi.key = "k"
        journal.directory = "{folder}"
        recordings = {{ spool = "{folder}", vault = "{folder}" }}
        secrets = {{ pepper = "p", vault_key = "{base64.b64encode(bytes(32)).decode()}" }}
        {more}
        """
    )
    return load(path, {"PBX_S3_SECRET_KEY": SECRET} if more else {})


async def test_from_the_settings(s3: S3Server, tmp_path: Path) -> None:
    bucket = s3.bucket()

    def given(name: str, endpoint: str = s3.endpoint) -> Settings:
        place = f'endpoint = "{endpoint}", bucket = "{name}", access_key = "{ACCESS}", secret_key = ""'
        return _settings(tmp_path, f"s3 = {{ {place} }}")

    open_vault(given(bucket.name)).put(NAME, _file(tmp_path, b"sound"))
    assert (bucket / NAME).read_bytes().startswith(b"PBXSEAL1")
    for wrong in (given("nosuch"), given("b", "no address"), given("b", "http://127.0.0.1:9")):
        with pytest.raises(Misconfigured, match=r"^\[s3\]"):
            open_vault(wrong)
    for name, verdict in ((bucket.name, "ok"), ("nosuch", "problem")):
        looked = [found async for found in look(given(name)) if found.place == "recording vault"]
        assert [found.verdict for found in looked] == [verdict]
    open_vault(_settings(tmp_path, "")).put(NAME, _file(tmp_path, b"sound"))
    assert (tmp_path / NAME).read_bytes().startswith(b"PBXSEAL1")
