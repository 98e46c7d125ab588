"""The chance that one more answer finds nobody free.

At each moment r of the ring-to-answer law a fresh dial that answers then is met by silence when the answers by then
reach the idle agents plus those freed by then (pacing by a chance constraint: Charnes & Cooper 1959). With every busy
agent counted as a claimant until free, both sides are one sum of independent Bernoulli variables:

    answered + still busy >= idle - waiting + busy          (a Poisson-binomial tail, per moment)

An answer taken early also takes the agent from a later one, hence the running maximum over later moments; the mean of
the moments, which are equally likely, is the risk. Exact while few (the characteristic function at the roots of unity:
Hong 2013), normal with a skewness term (Cornish & Fisher 1938) beyond.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pbx_bridge.core.pacing.hazards import Floats

Complexes = NDArray[np.complex128]

EXACT_UP_TO = 96
"""Claimants up to which the sum is worked out exactly."""


@lru_cache(maxsize=256)
def _roots(count: int) -> Complexes:
    """z - 1 at the first half of the `count`-th roots of unity (count even)."""
    roots: Complexes = np.exp(-2j * np.pi * np.arange(count // 2 + 1) / count)
    return roots - 1.0


def distribution(chances: Floats) -> Floats:
    """P(sum = n), n = 0..N, of Bernoulli variables: one row a moment; `chances` has a row a variable."""
    size = len(chances) + 1
    count = size + (size & 1)
    factors = 1.0 + chances[:, :, None] * _roots(count)
    transformed = np.multiply.reduce(factors, axis=0)
    return np.fft.irfft(transformed, count, axis=-1)[:, :size]


class Claims:
    """Who may claim an agent: calls that may answer and agents still busy, against a number of places.

    likely: a row a claimant of P(claims by moment k); room: idle - waiting + busy agents;
    spread: standard deviation of the answer probability relative to itself (only beyond the exact range).
    """

    def __init__(self, likely: Floats, room: int) -> None:
        self.room = room
        self.exact = len(likely) <= EXACT_UP_TO
        self._count = len(likely)
        if self.exact:
            self._law = distribution(likely)
        else:
            variance = likely * (1.0 - likely)
            self._mean = likely.sum(0)
            self._variance = variance.sum(0)
            self._skew = (variance * (1.0 - 2.0 * likely)).sum(0)

    def add(self, chance: Floats, times: int = 1) -> None:
        """Let `times` more claimants with this chance at each moment in."""
        if not self.exact:
            variance = chance * (1.0 - chance)
            self._mean = self._mean + times * chance
            self._variance = self._variance + times * variance
            self._skew = self._skew + times * variance * (1.0 - 2.0 * chance)
            self._count += times
            return
        for _ in range(times):
            wider = np.zeros((len(chance), self._count + 2))
            wider[:, :-1] = self._law * (1.0 - chance)[:, None]
            wider[:, 1:] += self._law * chance[:, None]
            self._law = wider
            self._count += 1

    def at_least(self, room: int) -> Floats:
        """P(claims >= room) at each moment."""
        if self.exact:
            if room <= 0:
                return np.ones(len(self._law))
            exact: Floats = np.maximum(self._law[:, room:].sum(1), 0.0)
            return exact
        deviation = np.sqrt(np.maximum(self._variance, 1e-12))
        z = (room - 0.5 - self._mean) / deviation
        tails = np.array([0.5 * math.erfc(value / math.sqrt(2.0)) for value in z.tolist()])
        density = np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
        skew = self._skew / deviation**3
        corrected: Floats = np.clip(tails + density * skew * (z * z - 1.0) / 6.0, 0.0, 1.0)
        return corrected

    def risk(self, weights: Floats) -> float:
        """Probability that one more answer finds nobody, over its possible moments with their weights."""
        tails = self.at_least(self.room)
        return float(np.maximum.accumulate(tails[::-1])[::-1] @ weights)

    def one_spare(self, weights: Floats) -> float:
        """Probability that exactly one agent is spare when one more dial answers, over its possible moments."""
        return float((self.at_least(self.room - 1) - self.at_least(self.room)) @ weights)
