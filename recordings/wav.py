"""A WAV header, read with suspicion: nothing it claims is believed beyond the length of the file.

Layout after Microsoft's and IBM's "Multimedia Programming Interface and Data Specifications 1.0" and, for the
extensible form, mmreg.h. A recorder that was killed leaves its sizes at zero (Asterisk fills them in when it closes
the file), a streaming writer leaves them at the greatest number: then the data run to the end of the file.
"""

import struct
from typing import BinaryIO, Final

from msgspec import Struct

from recordings import Unreadable
from recordings.encoding import ALAW, FLOAT32, FLOAT64, MULAW, PCM8, PCM16, PCM24, PCM32, Encoding

MAX_CHANNELS: Final = 24  # audiowaveform's bound too
MAX_RATE: Final = 768_000
_MAX_CHUNKS: Final = 1_000
_EXTENSIBLE: Final = 0xFFFE
_GSM: Final = 0x31

_ENCODINGS: Final = {
    (1, 8): PCM8,
    (1, 16): PCM16,
    (1, 24): PCM24,
    (1, 32): PCM32,
    (3, 32): FLOAT32,
    (3, 64): FLOAT64,
    (6, 8): ALAW,
    (7, 8): MULAW,
}


class Layout(Struct, frozen=True):
    """Where the samples lie: `length` bytes of whole frames from byte `start`.

    `repaired`: the header does not tell the length, which was taken from the file's own.
    """

    encoding: Encoding
    rate: int
    channels: int
    start: int
    length: int
    repaired: bool = False

    @property
    def frame(self) -> int:
        """Bytes of one sample of every channel."""
        return self.encoding.width * self.channels

    @property
    def frames(self) -> int:
        """How many there are."""
        return self.length // self.frame


class Gsm(Unreadable):
    """GSM 06.10 in a WAV (Asterisk's `wav49`): a good file, but one for libsndfile."""


def read_layout(file: BinaryIO, size: int) -> Layout:
    """The layout of a WAV file of `size` bytes, read from its start. Raises `Unreadable`."""
    try:
        return _walk(file, size)
    except struct.error as error:
        raise Unreadable("the file ends inside the WAV header") from error


def _walk(file: BinaryIO, size: int) -> Layout:
    riff, riff_size, wave = struct.unpack("<4sI4s", file.read(12))
    if (riff, wave) != (b"RIFF", b"WAVE"):
        raise Unreadable("not a sound file we can read (WAV, FLAC)")
    form: tuple[Encoding, int, int] | None = None
    at = 12
    for _ in range(_MAX_CHUNKS):
        file.seek(at)
        name, length = struct.unpack("<4sI", file.read(8))
        at += 8
        if name == b"fmt ":
            form = _read_format(file.read(min(length, 40)))
        elif name == b"data" and form is not None:
            return _data(*form, at, length, size, closed=riff_size + 8 == size)
        at += length + length % 2  # chunks lie on even bytes
    raise Unreadable("a WAV file of nothing but chunks")


def _read_format(chunk: bytes) -> tuple[Encoding, int, int]:
    if len(chunk) < 16:
        raise Unreadable("the WAV format chunk is too short")
    tag, channels, rate, _, frame, bits = struct.unpack_from("<HHIIHH", chunk)
    if tag == _EXTENSIBLE and len(chunk) >= 26:
        (tag,) = struct.unpack_from("<H", chunk, 24)  # the first bytes of the sub-format's GUID
    if not 1 <= channels <= MAX_CHANNELS:
        raise Unreadable(f"{channels} channels: 1 to {MAX_CHANNELS} are possible")
    if not 1 <= rate <= MAX_RATE:
        raise Unreadable(f"{rate} samples a second: 1 to {MAX_RATE} are possible")
    if tag == _GSM:
        raise Gsm("GSM in a WAV")
    encoding = _ENCODINGS.get((tag, bits))
    if encoding is None:
        raise Unreadable(f"WAV encoding {tag} with {bits} bits is not supported")
    if frame != encoding.width * channels:
        raise Unreadable(f"the WAV header says {frame} bytes a frame where {encoding.width * channels} are needed")
    return encoding, rate, channels


def _data(encoding: Encoding, rate: int, channels: int, start: int, claimed: int, size: int, *, closed: bool) -> Layout:
    """`closed`: the outer size agrees with the file, so a length of zero is meant."""
    there = max(0, size - start)
    repaired = claimed > there or (claimed == 0 < there and not closed)
    length = there if repaired else claimed
    return Layout(encoding, rate, channels, start, length - length % (encoding.width * channels), repaired=repaired)
