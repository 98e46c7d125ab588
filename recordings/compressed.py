"""Sounds that libsndfile decodes and encodes for us: FLAC, and GSM in a WAV."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

import soundfile

from recordings import Unreadable
from recordings.encoding import PCM16, Codes, Int16
from recordings.sound import BLOCK_BYTES, Format
from recordings.wav import MAX_CHANNELS

_LEVEL: Final = 0.0
"""FLAC's level 0 of 8: many calls end at once, and it takes two thirds of level 5's time for up to 2.5 % more bytes."""
_UNKNOWN: Final = 1 << 62  # libsndfile's way to say that the header has no number of frames


class Compressed:
    """A `Sound` behind libsndfile, which gives the upper 16 bits of wider samples."""

    def __init__(self, file: BinaryIO, form: Format) -> None:
        try:
            self._file = soundfile.SoundFile(file)
        except soundfile.LibsndfileError as error:
            raise Unreadable(f"a damaged {form.upper()} file: {error.error_string}") from error
        self.format, self.encoding = form, PCM16
        self.rate: int = self._file.samplerate
        self.channels: int = self._file.channels
        self.repaired = self._file.frames >= _UNKNOWN
        self.frames: int = 0 if self.repaired else self._file.frames
        if not 1 <= self.channels <= MAX_CHANNELS:
            raise Unreadable(f"{self.channels} channels: 1 to {MAX_CHANNELS} are possible")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def codes(self, first: int = 0, last: int | None = None) -> Iterator[Codes]:
        """As `Sound.codes`. GSM cannot be sought in: what comes before `first` is read and dropped."""
        block, at = max(1, BLOCK_BYTES // 2 // self.channels), 0
        try:
            if self._file.seekable():
                at = self._file.seek(min(first, self.frames))
            while last is None or at < last:
                want = block if last is None else min(block, last - at)
                got: Codes = self._file.read(want, dtype="int16", always_2d=True)
                if not len(got):
                    return
                yield got[max(0, first - at) :]
                at += len(got)
        except soundfile.LibsndfileError as error:
            raise Unreadable(f"a damaged {self.format.upper()} file: {error.error_string}") from error


@contextmanager
def new_flac(out: Path | BinaryIO, rate: int, channels: int) -> Iterator[Callable[[Int16], None]]:
    """Write a 16-bit FLAC: the block's value takes blocks of shape (frames, channels). `out` is seekable.

    Raises OSError, as any writing does.
    """
    try:
        with soundfile.SoundFile(out, "w", rate, channels, "PCM_16", format="FLAC", compression_level=_LEVEL) as file:
            yield file.write
    except soundfile.LibsndfileError as error:
        raise OSError(f"the FLAC could not be written: {error.error_string}") from error
