"""Sounds to test with, made here: tones, noise, and WAV headers of any kind."""

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recordings.encoding import Int16
from recordings.sound import Sound, samples

GOLDEN = Path(__file__).parent / "golden"


def tone(hertz: float, seconds: float, rate: int = 8000, amplitude: float = 0.5) -> Int16:
    """One channel of a sine, shape (frames,)."""
    at = np.arange(round(seconds * rate)) / rate
    return np.round(32767 * amplitude * np.sin(2 * np.pi * hertz * at)).astype(np.int16)


def noise(frames: int, channels: int = 1, seed: int = 4) -> Int16:
    """Full-scale noise with both extremes in it, shape (frames, channels)."""
    block = np.random.default_rng(seed).integers(-32768, 32768, (frames, channels)).astype(np.int16)
    block[:1], block[1:2] = -32768, 32767
    return block


def all_samples(sound: Sound, first: int = 0, last: int | None = None) -> Int16:
    """Frames [first, last) in one piece, shape (frames, channels)."""
    blocks = [block.copy() for block in samples(sound, first, last)]
    return np.concatenate(blocks) if blocks else np.empty((0, sound.channels), np.int16)


def strength(block: NDArray[np.generic], hertz: float, rate: int = 8000) -> float:
    """How much of a tone is in one channel, 0 to 1 of full scale (Goertzel's measure, written as a product)."""
    at = np.arange(len(block)) / rate
    wave = block.astype(np.float64) / 32768
    return float(2 * abs(np.dot(wave, np.exp(-2j * np.pi * hertz * at))) / len(block))


def wav(
    data: bytes,
    *,
    tag: int = 1,
    bits: int = 16,
    channels: int = 1,
    rate: int = 8000,
    claimed: int | None = None,
    before: bytes = b"",
    after: bytes = b"",
    riff: int | None = None,
) -> bytes:
    """A WAV file; `claimed` and `riff` lie about the sizes, `before` and `after` are chunks around the data."""
    frame = channels * bits // 8
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, tag, channels, rate, rate * frame, frame, bits)
    body = b"WAVE" + form + before + b"data"
    body += struct.pack("<I", len(data) if claimed is None else claimed) + data + after
    return b"RIFF" + struct.pack("<I", len(body) if riff is None else riff) + body
