"""audiowaveform's `.dat` as its JSON twin (its README, «JSON data format»)."""

import struct

from msgspec import Struct


class Peaks(Struct, frozen=True):
    """`data` is min, max of channel 1, min, max of channel 2, … for each pixel."""

    version: int
    channels: int
    sample_rate: int
    samples_per_pixel: int
    bits: int
    length: int
    data: list[int]


def peaks_from_dat(dat: bytes) -> Peaks:
    """Raises ValueError when the bytes are not a waveform of version 1 or 2."""
    if len(dat) < 20:
        raise ValueError("too short for a waveform")
    version, flags, rate, samples_per_pixel, length = struct.unpack_from("<iIiii", dat)
    if version not in (1, 2):
        raise ValueError(f"waveform version {version}")
    channels = struct.unpack_from("<i", dat, 20)[0] if version == 2 else 1
    bits = 8 if flags & 1 else 16
    count = length * channels * 2
    data = struct.unpack_from(f"<{count}{'b' if bits == 8 else 'h'}", dat, 24 if version == 2 else 20)
    return Peaks(2, channels, rate, samples_per_pixel, bits, length, list(data))
