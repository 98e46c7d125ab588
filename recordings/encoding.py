"""How samples are written down, and how to compare them before decoding them.

Peaks need the least and the greatest of many samples. Each encoding knows how to find them among its *codes*, the
samples as they lie in the file, and only those few are converted: an
hour of µ-law costs two passes over its bytes instead of a decode.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Int16 = NDArray[np.int16]
Buffer = bytes | memoryview
Codes = NDArray[np.generic]
"""Samples as numbers of whatever type costs least."""
Starts = NDArray[np.intp]
Extremes = tuple[Codes, Codes]
"""The codes of the least and of the greatest sample from each start to the next."""


def ordered(lane: Codes, starts: Starts) -> Extremes:
    """Of codes that are in the order of their samples."""
    return np.minimum.reduceat(lane, starts), np.maximum.reduceat(lane, starts)


def folded(lane: Codes, starts: Starts) -> Extremes:
    """Of unsigned codes whose upper half are the positive samples, falling, and whose lower half the others, rising.

    So is G.711. The least code is then the least sample, and the least of them as *signed* numbers the greatest
    sample, unless all samples of a stretch have one sign: there the greatest code is the other end.
    """
    least = np.minimum.reduceat(lane, starts)
    greatest = np.minimum.reduceat(lane.view(f"i{lane.itemsize}"), starts).view(lane.dtype)
    positive = 1 << 8 * lane.itemsize - 1
    only_positive, only_negative = np.greater_equal(least, positive), np.less(greatest, positive)
    if only_positive.any() or only_negative.any():
        other = np.maximum.reduceat(lane, starts)
        least, greatest = np.where(only_positive, other, least), np.where(only_negative, other, greatest)
    return least, greatest


class Encoding(Struct, frozen=True):
    """One way of writing samples: `width` bytes each. `codes` reads them, `linear` makes 16 bits of codes.

    `extremes` finds the least and greatest codes of stretches of a lane. `linear` agrees with libsndfile's 16-bit
    reading (the upper 16 bits of wider integers) and, for floats, with
    audiowaveform's: times 32767, cut toward zero.
    """

    name: str
    width: int
    codes: Callable[[Buffer], Codes]
    linear: Callable[[Codes], Int16]
    extremes: Callable[[Codes, Starts], Extremes] = ordered


def _as(dtype: str) -> Callable[[Buffer], Codes]:
    return lambda data: np.frombuffer(data, dtype)


def _upper_half(data: Buffer) -> Codes:
    """The upper two bytes of each three."""
    return np.frombuffer(data, np.uint8).reshape(-1, 3)[:, 1:].copy().view("<i2").reshape(-1)


def _floats(dtype: str) -> Callable[[Buffer], Codes]:
    def codes(data: Buffer) -> Codes:
        with np.errstate(over="ignore"):  # a double beyond float32 becomes infinite, and is clipped below
            return np.nan_to_num(np.frombuffer(data, dtype).astype(np.float32))

    return codes


def _unsigned8(codes: Codes) -> Int16:
    return (codes.astype(np.int16) - 128) << 8


def _signed16(codes: Codes) -> Int16:
    return codes.astype(np.int16, copy=False)


def _signed32(codes: Codes) -> Int16:
    return (codes.astype(np.int32, copy=False) >> 16).astype(np.int16)


def _unit_range(codes: Codes) -> Int16:
    return (codes.astype(np.float32, copy=False).clip(-1, 1) * np.float32(32767)).astype(np.int16)


def _companded(name: str, values: Int16, unfold: int) -> Encoding:
    """An encoding of one byte a sample, given what each byte means; a byte XOR `unfold` is a code that is `folded`."""
    of_code = values[np.arange(256) ^ unfold]

    def codes(data: Buffer) -> Codes:
        read = np.frombuffer(data, np.uint8)
        return read ^ np.uint8(unfold) if unfold else read

    def linear(codes: Codes) -> Int16:
        samples: Int16 = of_code[codes.astype(np.uint8, copy=False)]
        return samples

    return Encoding(name, 1, codes, linear, folded)


def _mulaw() -> Int16:
    """ITU-T G.711 table 2: sign, 3 bits of exponent, 4 of mantissa, all inverted."""
    byte = ~np.arange(256) & 0xFF
    magnitude = (((byte & 15) << 3) + 0x84 << (byte >> 4 & 7)) - 0x84
    return np.where(byte & 0x80, -magnitude, magnitude).astype(np.int16)


def _alaw() -> Int16:
    """ITU-T G.711 table 1: as µ-law, every other bit inverted, the lowest segment linear."""
    byte = np.arange(256) ^ 0x55
    exponent, mantissa = byte >> 4 & 7, (byte & 15) << 4
    magnitude = np.where(exponent == 0, mantissa + 8, mantissa + 0x108 << np.maximum(exponent, 1) - 1)
    return np.where(byte & 0x80, magnitude, -magnitude).astype(np.int16)


PCM8: Final = Encoding("8-bit PCM", 1, _as("u1"), _unsigned8)
PCM16: Final = Encoding("16-bit PCM", 2, _as("<i2"), _signed16)
PCM24: Final = Encoding("24-bit PCM", 3, _upper_half, _signed16)
PCM32: Final = Encoding("32-bit PCM", 4, _as("<i4"), _signed32)
FLOAT32: Final = Encoding("32-bit float", 4, _floats("<f4"), _unit_range)
FLOAT64: Final = Encoding("64-bit float", 8, _floats("<f8"), _unit_range)
MULAW: Final = _companded("µ-law", _mulaw(), 0)
ALAW: Final = _companded("A-law", _alaw(), 0x2A)
