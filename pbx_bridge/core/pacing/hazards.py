"""How long things last, learned while they last: talk, wrap-up, ringing.

A histogram of hazards (events ÷ seconds at risk, per bin of age) with forgetting. Calls still in progress count as
seconds at risk without an event (Kaplan & Meier 1958; in its exposure form: Nelson 1972, Aalen 1978), because a
histogram of finished calls alone is biased short while the first long ones are still talking.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_RESCALE_AT = 1e6


def growing_edges(fine: float, growth: float, longest: float) -> Floats:
    """Bin edges in seconds: width `fine` at first, then each bin `growth` times its lower edge."""
    edges = [0.0]
    while edges[-1] < longest:
        edges.append(edges[-1] + max(fine, growth * edges[-1]))
    return np.array(edges)


class HazardState(msgspec.Struct, frozen=True):
    """A hazard at rest: bin edges in seconds, weighted events and seconds at risk, weight of one event now."""

    edges: list[float]
    events: list[float]
    exposure: list[float]
    weight: float = 1.0
    count: float = 0.0


class Hazard:
    """Events per second at risk, by age in seconds.

    prior_mean: seconds, believed before anything was seen. memory: events after which one counts 1/e.
    shrink: events' worth of belief in every bin that its hazard is the overall one.
    """

    def __init__(self, edges: Floats, prior_mean: float, memory: float, shrink: float = 0.5) -> None:
        self.edges = edges
        self._widths = np.diff(edges)
        self._prior_mean = prior_mean
        self._growth = 1.0 + 1.0 / memory
        self._shrink = shrink
        self._weight = 1.0
        self._events = np.zeros(len(edges) - 1)
        self._exposure = np.zeros(len(edges) - 1)
        self.count = 0.0

    def ended(self, age: float, weight: float = 1.0) -> None:
        """Something lasted `age` seconds and ended; `weight` below 1 when that is only probable."""
        self._weight *= self._growth
        index = self._bin(age)
        scaled = self._weight * weight
        self._events[index] += scaled
        self._expose(age, index, scaled)
        self.count += weight
        if self._weight > _RESCALE_AT:
            self._events /= self._weight
            self._exposure /= self._weight
            self._weight = 1.0

    def censored(self, age: float, weight: float = 1.0) -> None:
        """Something was seen for `age` seconds and then lost from sight."""
        self._expose(age, self._bin(age), self._weight * weight)

    def survival(self, running: Floats, running_weights: Floats | None, at: Floats) -> Floats:
        """P(lasts longer than t) for each of `at`, with the ages of what is still `running` as censored exposure."""
        events = self._events / self._weight
        exposure = self._exposure / self._weight
        if len(running):
            inside = np.clip(running[:, None] - self.edges[:-1], 0.0, self._widths)
            exposure = exposure + (inside.sum(0) if running_weights is None else running_weights @ inside)
        overall = (1.0 + events.sum()) / (self._prior_mean + exposure.sum())
        hazard = (events + self._shrink) / (exposure + self._shrink / overall)
        cumulative = np.concatenate(([0.0], np.cumsum(hazard * self._widths)))
        beyond = np.maximum(at - self.edges[-1], 0.0) * hazard[-1]
        survival: Floats = np.exp(-(np.interp(at, self.edges, cumulative) + beyond))
        return survival

    def state(self) -> HazardState:
        """Everything learned."""
        return HazardState(
            self.edges.tolist(), self._events.tolist(), self._exposure.tolist(), self._weight, self.count
        )

    def restore(self, state: HazardState) -> None:
        """Take up saved learning; what was learned in other bins than ours goes to ours by the bins' middles."""
        self.count, self._weight = state.count, state.weight
        if state.edges == self.edges.tolist():
            self._events = np.array(state.events)
            self._exposure = np.array(state.exposure)
            return
        middles = (np.array(state.edges[:-1]) + np.array(state.edges[1:])) / 2.0
        bins = np.clip(np.searchsorted(self.edges, middles, side="right") - 1, 0, len(self._widths) - 1)
        self._events = np.bincount(bins, state.events, len(self._widths)).astype(np.float64)
        self._exposure = np.bincount(bins, state.exposure, len(self._widths)).astype(np.float64)

    def _bin(self, age: float) -> int:
        return min(int(np.searchsorted(self.edges, age, side="right")) - 1, len(self._widths) - 1)

    def _expose(self, age: float, index: int, weight: float) -> None:
        self._exposure[:index] += weight * self._widths[:index]
        self._exposure[index] += weight * min(age - self.edges[index], self._widths[index])
