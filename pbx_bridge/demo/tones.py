"""How strong a tone is in a piece of sound: Goertzel's algorithm, pure, for a phone farm without numpy."""

from collections.abc import Sequence
from math import cos, pi, sqrt

FULL_SCALE = 32768.0


def level(samples: Sequence[int]) -> float:
    """RMS as a part of full scale (0–1)."""
    return sqrt(sum(s * s for s in samples) / len(samples)) / FULL_SCALE if samples else 0.0


def share(samples: Sequence[int], rate: int, hertz: float) -> float:
    """The part (0–1) of the whole energy that lies at `hertz`; two equal tones give each about 0.5."""
    energy = float(sum(s * s for s in samples))
    if energy == 0.0:
        return 0.0
    turn = 2.0 * cos(2.0 * pi * hertz / rate)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + turn * last - before
    power = before * before + last * last - turn * before * last
    return min(1.0, 2.0 * power / (len(samples) * energy))
