"""Encryption at rest: a key for each file, wrapped by a master key that lies outside the database.

    PBXSEAL1 | id of the master key (4) | nonce (12) | wrapped file key (48) | chunk 0 | chunk 1 | …

A chunk is 64 KiB of the file under AES-256-GCM, so any range is read by opening only the chunks it touches. The
nonce is the chunk's number with a last-chunk mark: a file that was cut short, reordered, or put under another's name
does not open. (A counter is a safe nonce here because no key is ever used for a second file.)
"""

import hashlib
import io
import os
from typing import TYPE_CHECKING, BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from recordings import Unreadable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHUNK: Final = 1 << 16
_TAG: Final = 16
_MAGIC: Final = b"PBXSEAL1"
_HEADER: Final = len(_MAGIC) + 4 + 12 + 32 + _TAG


class MasterKeys:
    """The keys that wrap file keys: the first wraps, any unwraps, so that a key can be replaced while files live."""

    def __init__(self, *keys: bytes) -> None:
        """Raises ValueError unless every key has 32 bytes."""
        if not keys or any(len(key) != 32 for key in keys):
            raise ValueError("a master key is 32 random bytes")
        self._by_id = {hashlib.blake2b(key, digest_size=4).digest(): AESGCM(key) for key in reversed(keys)}
        self._current = hashlib.blake2b(keys[0], digest_size=4).digest()

    def wrap(self, file_key: bytes, name: str) -> bytes:
        """The header of a sealed file of this name."""
        nonce = os.urandom(12)
        wrapped = self._by_id[self._current].encrypt(nonce, file_key, name.encode())
        return _MAGIC + self._current + nonce + wrapped

    def unwrap(self, header: bytes, name: str) -> bytes:
        """The file key. Raises `Unreadable` for another's name, an unknown master key, no header."""
        at = len(_MAGIC)
        master = self._by_id.get(header[at : at + 4])
        if len(header) != _HEADER or not header.startswith(_MAGIC) or master is None:
            raise Unreadable("not sealed by a key we have")
        try:
            return master.decrypt(header[at + 4 : at + 16], header[at + 16 :], name.encode())
        except InvalidTag as error:
            raise Unreadable("the seal is broken") from error


def _nonce(chunk: int, *, last: bool) -> bytes:
    return chunk.to_bytes(11, "big") + bytes([last])


def seal(plain: BinaryIO, out: BinaryIO, keys: MasterKeys, name: str) -> None:
    """Copy `plain` to `out`, sealed under a new key and bound to `name`. Memory: two chunks."""
    file_key = AESGCM.generate_key(256)
    out.write(keys.wrap(file_key, name))
    cipher, number, chunk = AESGCM(file_key), 0, plain.read(CHUNK)
    while following := plain.read(CHUNK) if len(chunk) == CHUNK else b"":
        out.write(cipher.encrypt(_nonce(number, last=False), chunk, None))
        number, chunk = number + 1, following
    out.write(cipher.encrypt(_nonce(number, last=True), chunk, None))


class Sealed(io.RawIOBase):
    """A sealed file as a plain, seekable one. Raises `Unreadable` at the first byte that is not what was sealed."""

    def __init__(self, file: BinaryIO, keys: MasterKeys, name: str) -> None:
        super().__init__()
        self._file = file
        self._cipher = AESGCM(keys.unwrap(file.read(_HEADER), name))
        body = file.seek(0, os.SEEK_END) - _HEADER
        self._chunks = -(-body // (CHUNK + _TAG))
        self._size = body - self._chunks * _TAG
        self._at = 0
        self._open = (-1, b"")

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
        if self._at >= self._size:
            self._chunk(self._chunks - 1)  # also an empty file must be the one that was sealed
            return 0
        number, offset = divmod(self._at, CHUNK)
        piece = self._chunk(number)[offset : offset + len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _chunk(self, number: int) -> bytes:
        if self._open[0] != number:
            self._file.seek(_HEADER + number * (CHUNK + _TAG))
            sealed = self._file.read(CHUNK + _TAG)
            nonce = _nonce(max(number, 0), last=number == self._chunks - 1)
            try:
                self._open = (number, self._cipher.decrypt(nonce, sealed, None))
            except (InvalidTag, ValueError) as error:
                raise Unreadable("the sealed file was changed or cut short") from error
        return self._open[1]
