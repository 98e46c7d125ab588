"""Peaks: the least and the greatest sample of every stretch of sound, one pair a pixel and channel.

The numbers are audiowaveform 1.10.3's, bit for bit (https://github.com/bbc/audiowaveform): mixing down divides the
sum of the channels by their number **toward zero**, 8-bit peaks are the 16-bit ones divided by 256 toward zero, and
the last pixel holds whatever is left. Dividing keeps order, so only peaks are ever divided, never samples.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from recordings.encoding import Codes, Extremes, Int16, Starts, ordered
from recordings.sound import Sound, samples

Scalar = TypeVar("Scalar", bound=np.generic)
Pixels = NDArray[np.int16]
"""Shape (pixels, channels, 2): the least, then the greatest."""


def peaks(sound: Sound, samples_per_pixel: int, *, split_channels: bool) -> Iterator[Pixels]:
    """The 16-bit peaks of an open sound, a run of pixels for each block read. Memory: one block.

    `split_channels`: each channel by itself, else one waveform of their mean.
    """
    if split_channels or sound.channels == 1:
        yield from extremes(sound.codes(), samples_per_pixel, sound.encoding.linear, sound.encoding.extremes)
    else:
        mean = partial(toward_zero, divisor=sound.channels, dtype=np.int16)
        yield from extremes(map(_summed, samples(sound)), samples_per_pixel, mean)


def _summed(block: Int16) -> NDArray[np.int32]:
    sums: NDArray[np.int32] = np.ascontiguousarray(block.T).sum(axis=0, dtype=np.int32, keepdims=True)
    return sums.T


def toward_zero(values: Codes, divisor: int, dtype: type[Scalar]) -> NDArray[Scalar]:
    """Integers divided as C does it. (`//` and `>>` round down: a third of all 8-bit peaks would be off by one.)

    For quotients of 16 bits and divisors to 256: their float32 never reaches the next integer, and the cast cuts.
    """
    return np.true_divide(values, divisor, dtype=np.float32).astype(dtype)


def extremes(
    blocks: Iterable[Codes],
    samples_per_pixel: int,
    linear: Callable[[Codes], Int16],
    find: Callable[[Codes, Starts], Extremes] = ordered,
) -> Iterator[Pixels]:
    """The least and greatest of every `samples_per_pixel` frames, wherever blocks begin and end.

    Blocks are codes in the shape (frames, channels) and not empty. `find` the ends among a lane's codes, and `linear`
    makes samples of those. The last pixel may be partial.
    """
    filled = 0  # frames in the pixel that the end of the last block cut
    cut: Pixels | None = None  # and that pixel as far as it went
    for block in blocks:
        starts = np.arange(-filled, len(block), samples_per_pixel)
        starts[0] = 0
        lanes = _lanes(block)
        ends = np.empty((len(starts), len(lanes), 2), lanes[0].dtype)
        for number, lane in enumerate(lanes):
            ends[:, number, 0], ends[:, number, 1] = find(lane, starts)
        run = linear(_upper_half(ends, block.dtype))
        if cut is not None:
            np.minimum(cut[:, 0], run[0, :, 0], out=run[0, :, 0])
            np.maximum(cut[:, 1], run[0, :, 1], out=run[0, :, 1])
        filled = (filled + len(block)) % samples_per_pixel
        cut = run[-1] if filled else None
        yield run[:-1] if filled else run
    if cut is not None:
        yield cut[np.newaxis]


def merged(pixels: NDArray[Scalar], times: int) -> NDArray[Scalar]:
    """The next coarser level: `times` pixels in one. Equal to what the sound itself would give."""
    starts = np.arange(0, len(pixels), times)
    low, high = (np.ascontiguousarray(pixels[:, :, end]) for end in (0, 1))
    return np.stack((np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)), axis=2)


_FRAME: Final = {"|u1": "<u2", "<i2": "<i4", "<i4": "<i8"}  # two samples as one number


def _lanes(block: Codes) -> list[Codes]:
    """Each channel's samples side by side, since SIMD reads them so (24 times faster than with strides).

    A stereo frame is one number of twice the width, and its order is the right channel's: the upper half decides.
    Shifted left it is in the order of the left channel. That is half the work of taking the channels apart.
    """
    wide = _FRAME.get(block.dtype.str)
    if block.shape[1] == 2 and wide is not None:
        frames = np.ascontiguousarray(block).reshape(-1).view(wide)
        return [np.left_shift(frames, 8 * block.itemsize), frames]
    return [*np.ascontiguousarray(block.T)]


def _upper_half(codes: Codes, dtype: np.dtype[np.generic]) -> Codes:
    """The sample that led the order of a frame; a code that is no frame as it is."""
    return codes if codes.dtype == dtype else np.right_shift(codes, 8 * dtype.itemsize)
