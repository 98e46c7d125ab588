"""The `.dat` file of peaks, and its JSON twin: audiowaveform's formats, version 1 (one channel) and 2 (more).

Written after https://github.com/bbc/audiowaveform/blob/master/doc/DataFormat.md: a little-endian header, then for
each pixel and channel the least and the greatest sample.
"""

import json
import os
import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final, Literal

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from recordings import Unreadable
from recordings.encoding import Codes
from recordings.peaks import Pixels, merged, toward_zero
from recordings.sound import Sound
from recordings.wav import MAX_CHANNELS

Bits = Literal[8, 16]
_EIGHT_BITS: Final = 1
_ONE: Final = struct.Struct("<iIiiI")
_MANY: Final = struct.Struct("<iIiiIi")
_RUN: Final = 1 << 14
"""Pixels in memory at once when a file is read."""


class Header(Struct, frozen=True):
    """What a file of peaks says of itself. `length` counts pixels: pairs a channel."""

    rate: int
    samples_per_pixel: int
    bits: Bits
    channels: int
    length: int = 0

    @property
    def dtype(self) -> np.dtype[np.int8 | np.int16]:
        """Of each number in the file."""
        return np.dtype("i1" if self.bits == 8 else "<i2")

    @property
    def pixel_bytes(self) -> int:
        """Bytes of one pixel, all channels."""
        return 2 * self.channels * self.bits // 8

    def packed(self) -> bytes:
        """20 bytes for one channel, 24 for more."""
        common = (_EIGHT_BITS if self.bits == 8 else 0, self.rate, self.samples_per_pixel, self.length)
        return _ONE.pack(1, *common) if self.channels == 1 else _MANY.pack(2, *common, self.channels)


def header_of(sound: Sound, samples_per_pixel: int, bits: Bits, *, split_channels: bool) -> Header:
    """The header of a sound's peaks, its length still open."""
    return Header(sound.rate, samples_per_pixel, bits, sound.channels if split_channels else 1)


def write_dat(out: BinaryIO, header: Header, runs: Iterable[Pixels]) -> Header:
    """Write runs of 16-bit pixels as they come; `out` is seekable, since the header learns the length last."""
    out.write(header.packed())
    length = 0
    for run in runs:
        out.write((toward_zero(run, 256, np.int8) if header.bits == 8 else run.astype("<i2", copy=False)).tobytes())
        length += len(run)
    header = replace(header, length=length)
    out.seek(0)
    out.write(header.packed())
    out.seek(0, os.SEEK_END)
    return header


def read_header(dat: BinaryIO) -> Header:
    """Read from the start of the file; what follows are its pixels. Raises `Unreadable`."""
    data = dat.read(_ONE.size)
    if len(data) < _ONE.size:
        raise Unreadable("too short for a file of peaks")
    version, flags, rate, samples_per_pixel, length = _ONE.unpack(data)
    channels = 1
    if version == 2:
        channels = int.from_bytes(dat.read(4), "little")
    elif version != 1:
        raise Unreadable(f"version {version} of the peaks format is not known")
    if rate < 1 or samples_per_pixel < 2 or not 1 <= channels <= MAX_CHANNELS:
        raise Unreadable(f"peaks of {channels} channels, {rate} Hz, {samples_per_pixel} samples a pixel")
    return Header(rate, samples_per_pixel, 8 if flags & _EIGHT_BITS else 16, channels, length)


def read_runs(dat: BinaryIO, header: Header, run: int = _RUN) -> Iterator[Codes]:
    """The pixels after the header, `run` at a time, as they lie in the file (8 or 16 bits)."""
    left = header.length
    while left > 0 and (data := dat.read(min(run, left) * header.pixel_bytes)):
        whole = len(data) // header.pixel_bytes
        yield np.frombuffer(data[: whole * header.pixel_bytes], header.dtype).reshape(-1, header.channels, 2)
        left -= run


def coarser(dat: BinaryIO, samples_per_pixel: int) -> Iterator[bytes]:
    """A coarser level of the pyramid, as a `.dat`, from a finer one, byte-equal to what the sound would give.

    Raises `Unreadable` unless `samples_per_pixel` is a multiple of the finer level's.
    """
    fine = read_header(dat)
    times, rest = divmod(samples_per_pixel, fine.samples_per_pixel)
    if rest or times < 1:
        raise Unreadable(f"{samples_per_pixel} samples a pixel: no multiple of {fine.samples_per_pixel}")
    yield replace(fine, samples_per_pixel=samples_per_pixel, length=-(-fine.length // times)).packed()
    for run in read_runs(dat, fine, max(1, _RUN // times) * times):
        yield merged(run, times).tobytes()


def as_json(dat: BinaryIO) -> Iterator[str]:
    """The same peaks as audiowaveform's JSON, from a `.dat`, in pieces."""
    header = read_header(dat)
    head = {
        "version": 2,
        "channels": header.channels,
        "sample_rate": header.rate,
        "samples_per_pixel": header.samples_per_pixel,
        "bits": header.bits,
        "length": header.length,
    }
    yield json.dumps(head, separators=(",", ":"))[:-1] + ',"data":['
    comma = ""
    for run in read_runs(dat, header):
        yield comma + ",".join(map(str, run.ravel().tolist()))
        comma = ","
    yield "]}\n"
