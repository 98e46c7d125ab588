"""After the call: the recorder's raw file becomes a FLAC and its peaks, or stays as it was.

Asterisk's `MixMonitor(name.raw,D)` writes headerless interleaved stereo, so a killed recorder loses nothing but the
bytes still in its buffer. It listens on the customer's channel: left is what came from the customer. The vault's
rule is agent left, other party right, hence `swap`. See README.md for what was verified on a real Asterisk.
"""

import hashlib
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from msgspec import Struct

from pbx_bridge.ports.recordings import Gap, TalkShares
from recordings import Unreadable
from recordings.compressed import new_flac
from recordings.dat import Header, write_dat
from recordings.durable import appearing
from recordings.encoding import PCM16, Int16
from recordings.gaps import filled
from recordings.peaks import extremes
from recordings.probe import Flag, flags_of
from recordings.sound import BLOCK_BYTES, Raw, Sound, open_sound, samples
from recordings.talk import TalkMeter

FINEST: Final = 64
"""Samples a pixel of the stored peaks: 8 ms at 8 kHz, 1.8 MB an hour of stereo. `dat.coarser` makes the rest."""


class Finished(Struct, frozen=True):
    """A recording at rest. `bytes` and `sha256` are the FLAC's, `seconds` of sound. `talk` None: it has one lane."""

    path: Path
    peaks_path: Path
    seconds: float
    rate: int
    channels: int
    bytes: int
    sha256: str
    flags: frozenset[Flag]
    talk: TalkShares | None
    gap_seconds: float = 0.0


def finish(
    source: Path,
    target: Path,
    rate: int = 8000,
    *,
    swap: bool = True,
    talked_seconds: float | None = None,
    gaps: Sequence[Gap] = (),
) -> Finished:
    """Compress `source` (raw interleaved stereo at `rate`, or a WAV) to `target` (FLAC) and `target`'s `.dat`.

    `source` stays: delete it after the result is committed. The FLAC is read back and compared before it appears,
    and appears after its peaks, so its existence means done. Running again gives the same files; without `source`
    it describes the ones that are there. Silence is laid in `gaps`, so that what follows stays in its time; it counts
    in `seconds`, not against `talked_seconds`. Blocks until the disk has them; one hour takes about two seconds of CPU.

    Raises `Unreadable` for a source that is no sound (or is gone with nothing to show for it), OSError.
    """
    if not source.exists():
        return _found(target, talked_seconds, gaps)
    with (
        open_sound(source, None if source.suffix == ".wav" else Raw(rate)) as sound,
        appearing(target) as flac,
        appearing(peaks_path(target)) as dat,
    ):
        frames, checksum, talk = _compress(sound, flac, dat, gaps, swap=swap)
        if _checksum(flac) != (frames, checksum):
            raise OSError(f"{flac} does not hold what was written to it")
        return Finished(
            target,
            peaks_path(target),
            frames / sound.rate,
            sound.rate,
            sound.channels,
            flac.stat().st_size,
            _sha256(flac),
            flags_of(sound, sound.frames, talked_seconds),
            talk,
            (frames - max(1, sound.frames)) / sound.rate,
        )


def peaks_path(target: Path) -> Path:
    """Where a recording's finest peaks lie."""
    return target.with_suffix(".dat")


def _compress(
    sound: Sound, flac: Path, dat: Path, gaps: Sequence[Gap], *, swap: bool
) -> tuple[int, int, TalkShares | None]:
    """Frames written, the checksum of their samples, and who talked."""
    frames = checksum = 0
    meter = TalkMeter(sound.rate) if sound.channels == 2 else None

    def written(write: Callable[[Int16], None]) -> Iterator[Int16]:
        nonlocal frames, checksum
        silence = np.zeros((1, sound.channels), np.int16)  # libsndfile writes no empty FLAC
        heard = samples(sound) if sound.frames else (silence,)
        for block in filled(heard, gaps, sound.rate, sound.channels):
            turned = np.ascontiguousarray(block[:, ::-1] if swap and sound.channels == 2 else block)
            write(turned)
            if meter is not None:
                meter.add(turned)
            frames, checksum = frames + len(turned), zlib.crc32(turned.data, checksum)
            yield turned

    header = Header(sound.rate, FINEST, 8, sound.channels)
    with new_flac(flac, sound.rate, sound.channels) as write, dat.open("wb") as pixels:
        write_dat(pixels, header, extremes(written(write), FINEST, PCM16.linear))
    return frames, checksum, meter.talk() if meter is not None else None


def _checksum(flac: Path) -> tuple[int, int]:
    frames = checksum = 0
    with open_sound(flac) as sound:
        for block in samples(sound):
            frames, checksum = frames + len(block), zlib.crc32(block.data, checksum)
    return frames, checksum


def _found(target: Path, talked_seconds: float | None, gaps: Sequence[Gap]) -> Finished:
    if not target.exists():
        raise Unreadable(f"neither the recorder's file nor {target.name} is there")
    with open_sound(target) as sound:
        laid = sum(gap.seconds for gap in gaps if gap.at + gap.seconds < sound.frames / sound.rate)
        return Finished(
            target,
            peaks_path(target),
            sound.frames / sound.rate,
            sound.rate,
            sound.channels,
            target.stat().st_size,
            _sha256(target),
            flags_of(sound, sound.frames - round(laid * sound.rate), talked_seconds),
            _talk(sound),
            laid,
        )


def _talk(sound: Sound) -> TalkShares | None:
    if sound.channels != 2:
        return None
    meter = TalkMeter(sound.rate)
    for block in samples(sound):
        meter.add(block)
    return meter.talk()


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
