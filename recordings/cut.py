"""Cutting a stretch out of a recording, exact to the sample, without reading what lies around it."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, Literal

import numpy as np

from recordings import Unreadable
from recordings.compressed import new_flac
from recordings.sound import Sound, open_sound, samples

ClipFormat = Literal["wav", "flac"]
_HEADER: Final = 44


def cut(source: Path | BinaryIO, out: BinaryIO, start: float, end: float, form: ClipFormat = "wav") -> int:
    """Write seconds [start, end) to `out` as 16-bit WAV or FLAC and return the frames written.

    `out` must be seekable for FLAC; a WAV is written straight through. Memory: one block. Raises `Unreadable`.
    """
    with open_sound(source) as sound:
        first, last = stretch(sound, start, end)
        write_clip(sound, out, first, last, form)
    return last - first


def write_clip(sound: Sound, out: BinaryIO, first: int, last: int, form: ClipFormat) -> None:
    """Write frames [first, last) of an open sound, as `cut` does."""
    if form == "wav":
        out.writelines(wav_bytes(sound, first, last, 0, wav_size(sound, first, last)))
        return
    with new_flac(out, sound.rate, sound.channels) as write:
        for block in samples(sound, first, last):
            write(block)


def stretch(sound: Sound, start: float, end: float) -> tuple[int, int]:
    """Seconds as frames [first, last), each rounded to the nearest, held within the sound.

    Raises `Unreadable` if nothing is left.
    """
    if not (start < end and end > 0 and start * sound.rate < sound.frames):
        raise Unreadable(f"no sound from {start:g} s to {end:g} s: there are {sound.frames / sound.rate:g} s")
    first = max(0, round(start * sound.rate))
    last = sound.frames if end * sound.rate >= sound.frames else round(end * sound.rate)
    if first >= last:
        raise Unreadable(f"from {start:g} s to {end:g} s there is not one sample")
    return first, last


def wav_size(sound: Sound, first: int, last: int) -> int:
    """Bytes of these frames as a 16-bit WAV."""
    return _HEADER + 2 * sound.channels * (last - first)


def wav_bytes(sound: Sound, first: int, last: int, start: int, stop: int) -> Iterator[bytes]:
    """Bytes [start, stop) of the WAV that frames [first, last) would be: a file that need not exist to be served.

    Raises `Unreadable` beyond the 4 GB a WAV can hold.
    """
    header = wav_header(sound.rate, sound.channels, last - first)
    if start < min(stop, _HEADER):
        yield header[start:stop]
    frame = 2 * sound.channels
    begin, end = max(0, start - _HEADER), stop - _HEADER
    skip = begin % frame
    at = begin - skip
    for block in samples(sound, first + begin // frame, min(last, first - (-end // frame))) if end > begin else ():
        data = np.ascontiguousarray(block, "<i2").tobytes()
        yield data[skip : end - at]
        skip, at = 0, at + len(data)


def wav_header(rate: int, channels: int, frames: int) -> bytes:
    """The 44 bytes before so many frames of 16-bit samples. Raises `Unreadable` beyond the 4 GB a WAV can hold."""
    length = 2 * channels * frames
    if length > 0xFFFFFFFF - _HEADER + 8:
        raise Unreadable("too long for a WAV: take FLAC")
    form = (16, 1, channels, rate, 2 * channels * rate, 2 * channels, 16)
    return struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", length + 36, b"WAVE", b"fmt ", *form, b"data", length)
