"""The Poisson-binomial sum, against itself by another way."""

import numpy as np
import pytest

from pbx_bridge.core.pacing import risk
from pbx_bridge.core.pacing.risk import Claims, distribution

MOMENTS = 8


def chances(count: int, seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.random.default_rng(seed).random((count, MOMENTS))


def convolved(
    likely: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    laws = []
    for moment in range(likely.shape[1]):
        law = np.ones(1)
        for p in likely[:, moment]:
            law = np.convolve(law, (1.0 - p, p))
        laws.append(law)
    return np.array(laws)


@pytest.mark.parametrize("count", [0, 1, 2, 7, 40, 95])
def test_the_distribution_is_the_convolution(count: int) -> None:
    likely = chances(count, count)
    assert np.allclose(distribution(likely), convolved(likely), atol=1e-12)


@pytest.mark.parametrize("count", [0, 3, 30])
def test_adding_claimants_equals_rebuilding(count: int) -> None:
    likely, more = chances(count, 1), chances(4, 2)
    grown = Claims(likely, 5)
    for chance in more:
        grown.add(chance)
    rebuilt = Claims(np.concatenate((likely, more)), 5)
    assert np.allclose(grown.at_least(5), rebuilt.at_least(5), atol=1e-12)


def test_the_normal_range_joins_the_exact_one(monkeypatch: pytest.MonkeyPatch) -> None:
    likely = chances(90, 3) * 0.4
    exact = [Claims(likely, room).at_least(room) for room in range(10, 35)]
    monkeypatch.setattr(risk, "EXACT_UP_TO", 0)
    normal = [Claims(likely, room).at_least(room) for room in range(10, 35)]
    assert np.max(np.abs(np.array(exact) - np.array(normal))) < 2e-3


def test_no_room_is_certain_silence() -> None:
    weights = np.full(MOMENTS, 1.0 / MOMENTS)
    assert Claims(np.empty((0, MOMENTS)), 0).risk(weights) == 1.0
    assert Claims(np.empty((0, MOMENTS)), 1).risk(weights) == 0.0
