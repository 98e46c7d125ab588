"""The peaks of a stored recording at any resolution: from the finest stored level if that will do, else the sound."""

from collections.abc import Callable
from typing import BinaryIO

from recordings import Unreadable
from recordings.dat import Bits, coarser, header_of, read_header, write_dat
from recordings.peaks import peaks
from recordings.sound import open_sound

MIN_SAMPLES_PER_PIXEL = 2
MAX_SAMPLES_PER_PIXEL = 1 << 24


def write_waveform(
    out: BinaryIO,
    samples_per_pixel: int,
    bits: Bits,
    finest: Callable[[], BinaryIO] | None,
    sound: Callable[[], BinaryIO],
) -> None:
    """Write each channel's peaks as a `.dat` to the seekable `out` (`dat.as_json` turns it into JSON).

    `finest` opens the stored peaks, `sound` the recording; both are closed. A multiple of the finest level costs
    milliseconds an hour of sound, anything else decodes the sound (0.6 s an hour). Raises `Unreadable`.
    """
    check_resolution(samples_per_pixel)
    if finest is not None:
        with finest() as dat:
            header = read_header(dat)
            dat.seek(0)
            if header.bits == bits and samples_per_pixel % header.samples_per_pixel == 0:
                out.writelines(coarser(dat, samples_per_pixel))
                return
    with sound() as file, open_sound(file) as opened:
        header = header_of(opened, samples_per_pixel, bits, split_channels=True)
        write_dat(out, header, peaks(opened, samples_per_pixel, split_channels=True))


def check_resolution(samples_per_pixel: int) -> None:
    """Raises `Unreadable` for one that cannot be."""
    if not MIN_SAMPLES_PER_PIXEL <= samples_per_pixel <= MAX_SAMPLES_PER_PIXEL:
        raise Unreadable(f"{samples_per_pixel} samples a pixel: {MIN_SAMPLES_PER_PIXEL} to 2^24 are possible")
