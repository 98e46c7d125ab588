"""Any sound file we can read, as blocks of frames: WAV, FLAC, or headerless signed linear. Memory: one block."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, Literal, Protocol, cast

from msgspec import Struct

from recordings import Unreadable
from recordings.encoding import PCM16, Codes, Encoding, Int16
from recordings.wav import MAX_CHANNELS, Gsm, Layout, read_layout

Format = Literal["wav", "flac", "raw"]
BLOCK_BYTES: Final = 1 << 20
"""Half of it costs a tenth more, in calls of numpy; twice of it leaves the caches."""
RAW_SUFFIXES: Final = frozenset({".raw", ".sln", ".slin"})


class Raw(Struct, frozen=True):
    """What a headerless file cannot say of itself. The samples are little-endian signed 16 bits, interleaved."""

    rate: int = 8000
    channels: int = 2


class Sound(Protocol):
    """An open sound file. One reader at a time; nothing here waits for anything but the disk."""

    @property
    def format(self) -> Format: ...
    @property
    def encoding(self) -> Encoding: ...
    @property
    def rate(self) -> int: ...
    @property
    def channels(self) -> int: ...
    @property
    def frames(self) -> int:
        """As far as the header or the length of the file can tell."""
        ...

    @property
    def repaired(self) -> bool:
        """Whether the file's end is not where a finished file has it: its writer was killed."""
        ...

    def codes(self, first: int = 0, last: int | None = None) -> Iterator[Codes]:
        """Frames [first, last) in blocks of shape (frames, channels), as the encoding's codes.

        A block is good until the next one is asked for, which may lie in the same memory. Raises `Unreadable` where
        the data are damaged.
        """
        ...


def samples(sound: Sound, first: int = 0, last: int | None = None) -> Iterator[Int16]:
    """Frames [first, last) as 16-bit blocks of shape (frames, channels), each good until the next is asked for."""
    return map(sound.encoding.linear, sound.codes(first, last))


@contextmanager
def open_sound(source: Path | BinaryIO, raw: Raw | None = None) -> Iterator[Sound]:
    """Open a file, or a seekable stream such as the vault gives. `raw`: it has no header, and is this.

    Raises `Unreadable` for what is no sound, OSError for what cannot be opened.
    """
    if isinstance(source, Path):
        with source.open("rb", buffering=0) as file, _opened(io.BufferedReader(file, 1 << 12), raw) as sound:
            yield sound
    else:
        with _opened(source, raw) as sound:
            yield sound


@contextmanager
def _opened(file: BinaryIO, raw: Raw | None) -> Iterator[Sound]:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if raw is not None:
        yield _Plain(file, _headerless(raw, size), "raw")
        return
    magic = file.read(4)
    file.seek(0)
    if magic == b"fLaC":
        with _libsndfile(file, "flac") as sound:
            yield sound
        return
    try:
        layout = read_layout(file, size)
    except Gsm:
        file.seek(0)
        with _libsndfile(file, "wav") as sound:
            yield sound
    else:
        yield _Plain(file, layout, "wav")


def _headerless(raw: Raw, size: int) -> Layout:
    if not 1 <= raw.channels <= MAX_CHANNELS or raw.rate < 1:
        raise Unreadable(f"no sound has {raw.channels} channels at {raw.rate} samples a second")
    torn = size % (2 * raw.channels)
    return Layout(PCM16, raw.rate, raw.channels, 0, size - torn, repaired=torn > 0)


class _Plain:
    """Samples that lie in the file one after another."""

    def __init__(self, file: BinaryIO, layout: Layout, form: Format) -> None:
        # typing's BinaryIO knows no `readinto`; every stream of bytes has it.
        self._file, self._layout, self.format = cast("io.BufferedIOBase", file), layout, form
        self.encoding, self.rate, self.channels = layout.encoding, layout.rate, layout.channels
        self.frames, self.repaired = layout.frames, layout.repaired

    def codes(self, first: int = 0, last: int | None = None) -> Iterator[Codes]:
        frame = self._layout.frame
        left = (self.frames if last is None else min(last, self.frames)) - first
        self._file.seek(self._layout.start + first * frame)
        block = memoryview(bytearray(min(left, max(1, BLOCK_BYTES // frame)) * frame if left > 0 else 0))
        while left > 0:
            whole = self._file.readinto(block[: left * frame]) // frame
            if whole == 0:  # the file became shorter under us
                return
            yield self.encoding.codes(block[: whole * frame]).reshape(-1, self.channels)
            left -= whole


@contextmanager
def _libsndfile(file: BinaryIO, form: Format) -> Iterator[Sound]:
    from recordings.compressed import Compressed  # libsndfile costs 5 MB and 30 ms; a WAV needs none of it

    with Compressed(file, form) as sound:
        yield sound
