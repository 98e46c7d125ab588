"""The people at the other end: who answers, and after how long."""

from collections.abc import Iterator

from pbx_bridge.core.pacing import DialOutcome, LeadView
from pbx_bridge.simulation.chance import log_normal, normals, uniforms
from pbx_bridge.simulation.world import World

Fate = tuple[float | None, DialOutcome, float]
"""Believed answer probability, outcome, seconds until it."""


class Callees:
    """A list of leads that are all alike."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._uniforms, self._normals = uniforms(seed, 1), normals(seed, 2)
        self._probability = world.answer_probability

    def change(self, now: float) -> None:
        """The world changes now."""
        self._probability = self._world.answer_probability_at(now)

    def hopper(self, now: float) -> list[LeadView]:
        """The leads that may be dialed next."""
        return []

    def dial(self, dial: int, lead: object, now: float) -> Fate:
        """What will become of a dial placed now."""
        return None, *self._fate(self._probability)

    def resolved(self, dial: int, outcome: DialOutcome, now: float) -> None:
        """A dial has ended."""

    def figures(self) -> dict[str, float]:
        """What was dialed of the list."""
        mean = self._world.answer_probability
        return {"mean_dialed_probability": mean, "mean_list_probability": mean, "wait_weak": 0.0, "wait_strong": 0.0}

    def _fate(self, probability: float) -> tuple[DialOutcome, float]:
        world = self._world
        luck, kind, normal = next(self._uniforms), next(self._uniforms), next(self._normals)
        if luck < probability:
            return "answered", self._ring(normal)
        if kind < world.early_failures:
            return "busy", log_normal(world.early_failure_after, 0.4, normal)
        return "no_answer", world.ring_timeout

    def _ring(self, normal: float) -> float:
        law = self._world.ring
        seconds = log_normal(law.mean, law.cv, normal)
        retries: Iterator[float] = self._normals
        while seconds >= self._world.ring_timeout:
            seconds = log_normal(law.mean, law.cv, next(retries))
        return seconds
