"""A `Vault` in a bucket of any server that speaks S3 (the extra `[s3]`). Sealed here, so the server never sees sound.

Only what every such server has is used: whole objects put (in parts when they are large), heads, ranges, deletes.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

import io
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from recordings import Unreadable
from recordings.naming import checked
from recordings.sealed import MasterKeys, Sealed, seal
from recordings.vault import Missing

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

READ_AHEAD: Final = 1 << 20
"""Bytes a request: an hour's FLAC in some fifty of them, its peaks in two."""
PART: Final = 64 << 20
"""An object above this size is put in parts of it; below, in one request that is whole or not there."""
_NOT_THERE: Final = 404


class S3Vault:
    """A `Vault` in `bucket`, which must be there. With `keys` everything put is sealed, and only sealed files open.

    Errors of the server or the way to it are OSErrors. One vault serves many threads.
    """

    def __init__(
        self,
        endpoint: str,
        bucket: str,
        access_key: str,
        secret_key: str,
        *,
        region: str = "us-east-1",
        keys: MasterKeys | None = None,
        timeout: float = 20.0,
    ) -> None:
        self._bucket, self._keys = bucket, keys
        # Checksums of AWS's own kind are left out: other servers take them for content.
        settings = Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            connect_timeout=timeout / 4,
            read_timeout=timeout,
            retries={"mode": "standard", "max_attempts": 3},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        self._client = boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name=region,
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
            config=settings,
        )

    def check(self) -> None:
        """Raises OSError, in one line, unless the bucket answers to these keys."""
        try:
            with self._errors(f"bucket {self._bucket}"):
                self._client.head_bucket(Bucket=self._bucket)
        except Missing:
            raise OSError(f"there is no bucket {self._bucket}") from None

    def put(self, name: str, source: Path) -> None:
        """See `Vault.put`."""
        key = str(checked(name))
        with source.open("rb") as plain:
            if self._keys is None:
                self._upload(key, plain)
                return
            with tempfile.TemporaryFile() as sealed:  # S3 wants to know the length first
                seal(plain, sealed, self._keys, name)
                sealed.seek(0)
                self._upload(key, sealed)

    def open(self, name: str) -> BinaryIO:
        """See `Vault.open`. What is read is one version of the object, also when it is replaced meanwhile."""
        key = str(checked(name))
        with self._errors(name):
            head = self._client.head_object(Bucket=self._bucket, Key=key)
        version = head["ETag"]
        ranges = _Ranges(head["ContentLength"], lambda start, stop: self._range(key, version, start, stop))
        file = io.BufferedReader(ranges, READ_AHEAD)
        if self._keys is None:
            return file
        try:
            return io.BufferedReader(Sealed(file, self._keys, name), READ_AHEAD)
        except Unreadable:
            file.close()
            raise

    def exists(self, name: str) -> bool:
        """See `Vault.exists`."""
        try:
            with self._errors(name):
                self._client.head_object(Bucket=self._bucket, Key=str(checked(name)))
        except Missing:
            return False
        return True

    def delete(self, name: str) -> None:
        """See `Vault.delete`."""
        with self._errors(name):
            self._client.delete_object(Bucket=self._bucket, Key=str(checked(name)))

    def _upload(self, key: str, file: BinaryIO) -> None:
        with self._errors(key):
            self._client.upload_fileobj(file, self._bucket, key, Config=TransferConfig(PART, PART, use_threads=False))

    def _range(self, key: str, version: str, start: int, stop: int) -> bytes:
        with self._errors(key):
            found = self._client.get_object(Bucket=self._bucket, Key=key, Range=f"bytes={start}-{stop - 1}")
            body = found["Body"]
            data = body.read()
            body.close()
        if found["ETag"] != version or len(data) != stop - start:
            raise OSError(f"{key} changed while it was read")
        return data

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == _NOT_THERE:
                raise Missing(what) from error
            raise OSError(f"{what}: {error}") from error
        except BotoCoreError as error:
            raise OSError(f"{what}: {error}") from error


class _Ranges(io.RawIOBase):
    """An object of known size as a file, `ask`ed for in ranges."""

    def __init__(self, size: int, ask: Callable[[int, int], bytes]) -> None:
        super().__init__()
        self._size, self._ask, self._at = size, ask, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, origin + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        stop = min(self._size, self._at + len(view))
        if self._at >= stop:
            return 0
        data = self._ask(self._at, stop)
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def readall(self) -> bytes:
        """In large pieces: the inherited one takes 8 KiB at a time, each a request here."""
        pieces = []
        while self._at < self._size:
            stop = min(self._size, self._at + READ_AHEAD)
            pieces.append(self._ask(self._at, stop))
            self._at = stop
        return b"".join(pieces)
