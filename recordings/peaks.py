"""Peaks: the least and the greatest sample of every stretch of sound, one pair a pixel and channel.

The numbers are audiowaveform 1.10.3's, bit for bit (https://github.com/bbc/audiowaveform): mixing down divides the
sum of the channels by their number **toward zero**, 8-bit peaks are the 16-bit ones divided by 256 toward zero, and
the last pixel holds whatever is left. Dividing keeps order, so only peaks are ever divided, never samples.
"""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from recordings.encoding import Codes, Int16
from recordings.sound import Sound, samples

Scalar = TypeVar("Scalar", bound=np.generic)
Pixels = NDArray[np.int16]
"""Shape (pixels, channels, 2): the least, then the greatest."""


def peaks(sound: Sound, samples_per_pixel: int, *, split_channels: bool) -> Iterator[Pixels]:
    """The 16-bit peaks of an open sound, a run of pixels for each block read. Memory: one block.

    `split_channels`: each channel by itself, else one waveform of their mean.
    """
    if split_channels or sound.channels == 1:
        for run in extremes(sound.codes(), samples_per_pixel):
            yield sound.encoding.linear(run)
    else:
        for run in extremes(map(_summed, samples(sound)), samples_per_pixel):
            yield toward_zero(run, sound.channels).astype(np.int16)


def _summed(block: Int16) -> NDArray[np.int32]:
    sums: NDArray[np.int32] = np.ascontiguousarray(block.T).sum(axis=0, dtype=np.int32, keepdims=True)
    return sums.T


def toward_zero(values: Codes, divisor: int) -> NDArray[np.int32]:
    """Integers divided as C does it. (`//` and `>>` round down: a third of all 8-bit peaks would be off by one.)"""
    return np.true_divide(values, divisor).astype(np.int32)  # the cast cuts the fraction off


def extremes(blocks: Iterable[NDArray[Scalar]], samples_per_pixel: int) -> Iterator[NDArray[Scalar]]:
    """The least and greatest of every `samples_per_pixel` frames, wherever blocks begin and end.

    Blocks have the shape (frames, channels) and are not empty, what comes out (pixels, channels, 2).
    The last pixel may be partial.
    """
    filled = 0  # frames in the pixel that the end of the last block cut
    cut: NDArray[Scalar] | None = None  # and that pixel as far as it went
    for block in blocks:
        lanes = np.ascontiguousarray(block.T)  # a channel's samples side by side: SIMD, 24 times faster
        starts = np.arange(-filled, lanes.shape[1], samples_per_pixel).clip(0)
        run = _pairs(lanes, lanes, starts)
        if cut is not None:
            np.minimum(cut[:, 0], run[0, :, 0], out=run[0, :, 0])
            np.maximum(cut[:, 1], run[0, :, 1], out=run[0, :, 1])
        filled = (filled + lanes.shape[1]) % samples_per_pixel
        cut = run[-1] if filled else None
        yield run[:-1] if filled else run
    if cut is not None:
        yield cut[np.newaxis]


def merged(pixels: NDArray[Scalar], times: int) -> NDArray[Scalar]:
    """The next coarser level: `times` pixels in one. Equal to what the sound itself would give."""
    return _pairs(pixels[:, :, 0].T, pixels[:, :, 1].T, np.arange(0, len(pixels), times))


def _pairs(low: NDArray[Scalar], high: NDArray[Scalar], starts: NDArray[np.intp]) -> NDArray[Scalar]:
    """The least of `low` and the greatest of `high` from each start to the next; both are (channels, n)."""
    least = np.minimum.reduceat(low, starts, axis=1)
    greatest = np.maximum.reduceat(high, starts, axis=1)
    return np.stack((least.T, greatest.T), axis=2)
