"""Chance, drawn in blocks: the n-th dial and the n-th talk of a seed meet the same fate under every policy."""

import math
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from pbx_bridge.simulation.world import Law

_BLOCK = 4096


def normals(seed: int, stream: int) -> Iterator[float]:
    """Standard normal numbers without end."""
    return _blocks(np.random.default_rng([seed, stream]).standard_normal)


def uniforms(seed: int, stream: int) -> Iterator[float]:
    """Uniform numbers of [0, 1) without end."""
    return _blocks(np.random.default_rng([seed, stream]).random)


def log_normal(mean: float, cv: float, normal: float) -> float:
    """A log-normal duration from a standard normal number."""
    variance = math.log1p(cv * cv)
    return mean * math.exp(math.sqrt(variance) * normal - 0.5 * variance)


def draw(law: Law, normals: Iterator[float], uniforms: Iterator[float]) -> float:
    """A duration of this law; always takes one number of each stream, so that streams stay in step."""
    normal, uniform = next(normals), next(uniforms)
    if uniform < law.other_share:
        return log_normal(law.other_mean, law.other_cv, normal)
    return log_normal(law.mean, law.cv, normal)


def _blocks(generate: Callable[[int], NDArray[np.float64]]) -> Iterator[float]:
    while True:
        yield from generate(_BLOCK).tolist()
