"""A real S3 server for tests: rclone's (`rclone serve s3`), which checks signatures and keeps objects as files."""

import re
import sys
from pathlib import Path
from typing import Self

import boto3

from pbx_bridge.parts.child import spawn
from recordings.s3 import S3Vault
from recordings.sealed import MasterKeys

RCLONE = Path(sys.executable).with_name("rclone")
ACCESS, SECRET = "test-access", "test-secret-of-forty-letters"
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


class S3Server:
    """One server below `folder`; a bucket is a directory there."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self._buckets = 0
        flags = ["--config", "", "--addr", "127.0.0.1:0", "--auth-key", f"{ACCESS},{SECRET}"]
        log = folder.with_name(f"{folder.name}.log")
        self._child = spawn([str(RCLONE), "serve", "s3", *flags, str(folder)], log=log, cwd=folder)
        self._child.wait_until(lambda: _ADDRESS.search(log.read_text()) is not None, "rclone", 30)
        found = _ADDRESS.search(log.read_text())
        assert found is not None
        self.endpoint = found[0]

    def bucket(self) -> Path:
        """A new one, and where its objects lie."""
        self._buckets += 1
        name = f"bucket{self._buckets}"
        # Asked of the server: it does not look again at what is done behind its back.
        boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=ACCESS,
            aws_secret_access_key=SECRET,
        ).create_bucket(Bucket=name)
        return self.folder / name

    def vault(self, keys: MasterKeys | None, bucket: str = "", secret: str = SECRET) -> S3Vault:
        """In a bucket of its own."""
        return S3Vault(self.endpoint, bucket or self.bucket().name, ACCESS, secret, keys=keys, timeout=10.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """The server is gone; connections to it are refused."""
        self._child.stop()
