"""Cutting a stretch out of a recording, exact to the sample, without reading what lies around it."""

import struct
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np

from recordings import Unreadable
from recordings.compressed import new_flac
from recordings.sound import open_sound, samples

ClipFormat = Literal["wav", "flac"]


def cut(source: Path | BinaryIO, out: BinaryIO, start: float, end: float, form: ClipFormat = "wav") -> int:
    """Write seconds [start, end) to `out` as 16-bit WAV or FLAC and return the frames written.

    Both ends are rounded to the nearest sample; `end` beyond the last means the last. `out` must be seekable for
    FLAC; WAV is written straight through. Memory: one block. Raises `Unreadable`, also for an empty stretch.
    """
    with open_sound(source) as sound:
        first, last = round(start * sound.rate), min(round(end * sound.rate), sound.frames)
        if not 0 <= first < last:
            raise Unreadable(f"no sound from {start:g} s to {end:g} s: it has {sound.frames / sound.rate:g} s")
        blocks = samples(sound, first, last)
        if form == "wav":
            out.write(wav_header(sound.rate, sound.channels, last - first))
            for block in blocks:
                out.write(np.ascontiguousarray(block, "<i2").data)
        else:
            with new_flac(out, sound.rate, sound.channels) as write:
                for block in blocks:
                    write(block)
    return last - first


def wav_header(rate: int, channels: int, frames: int) -> bytes:
    """The 44 bytes before 16-bit samples. Raises `Unreadable` beyond the 4 GB a WAV can hold."""
    length = 2 * channels * frames
    if length > 0xFFFFFFFF - 36:
        raise Unreadable("too long for a WAV: take FLAC")
    form = (16, 1, channels, rate, 2 * channels * rate, 2 * channels, 16)
    return struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + length, b"WAVE", b"fmt ", *form, b"data", length)
