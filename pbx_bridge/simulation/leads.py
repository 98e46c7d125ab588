"""Leads that differ: a list without end, some of whom answer more often than others, known, guessed or learned."""

import math
from collections import deque

import numpy as np

from pbx_bridge.core.pacing import AnswerModel, DialOutcome, LeadView
from pbx_bridge.simulation.callees import Callees, Fate
from pbx_bridge.simulation.chance import normals, uniforms
from pbx_bridge.simulation.world import Leads, World

LATE_ANSWERS, LATE_FAILURES = 0.24, 0.75
"""Shares of those who answer, and of those who do not, that still ring after 15 s (in the default world)."""
WEAK, STRONG = 1 / 3, 2 / 3
"""Shares of the list below and above which a lead counts as weak and strong."""


class Lead:
    """One number: how often it answers now and after the swap, and what can be seen of it."""

    __slots__ = ("features", "later", "listed_at", "probability")

    def __init__(self, probability: float, later: float, features: tuple[float, ...], listed_at: int) -> None:
        self.probability, self.later = probability, later
        self.features = features
        self.listed_at = listed_at


class LeadCallees(Callees):
    """A hopper of so many leads, refilled in list order."""

    def __init__(self, world: World, leads: Leads, seed: int) -> None:
        super().__init__(world, seed)
        self._leads = leads
        self._kinds_luck, self._noise = uniforms(seed, 3), normals(seed, 4)
        self._beta = np.random.default_rng([seed, 5])
        self._hopper: dict[int, Lead] = {}
        self._views: list[LeadView] = []
        self._next = 0
        self._dialed = 0
        self._model = AnswerModel(3, world.prior_answer_probability) if leads.known == "learned" else None
        self._in_flight: dict[int, tuple[Lead, float]] = {}
        self._listed: list[float] = []
        self._chosen: list[float] = []
        self._waits: deque[tuple[float, int]] = deque()

    def hopper(self, now: float) -> list[LeadView]:
        """The leads that may be dialed next, in list order."""
        while len(self._hopper) < self._leads.hopper:
            self._list_one()
        return list(self._views)

    def dial(self, dial: int, lead: object, now: float) -> Fate:
        """What will become of a dial placed now."""
        self.hopper(now)
        name = lead if isinstance(lead, int) and lead in self._hopper else next(iter(self._hopper))
        chosen = self._hopper.pop(name)
        view = next(view for view in self._views if view.id == name)
        self._views.remove(view)
        probability = self._probability_of(chosen, now)
        self._dialed += 1
        self._chosen.append(probability)
        self._waits.append((probability, self._dialed - chosen.listed_at))
        self._in_flight[dial] = chosen, now
        return view.answer_probability, *self._fate(probability)

    def resolved(self, dial: int, outcome: DialOutcome, now: float) -> None:
        """A dial has ended; the model learns, a call that was hung up by its chance of being answered yet."""
        lead, _ = self._in_flight.pop(dial)
        if self._model is None:
            return
        if outcome == "trimmed":
            score = self._model.score(lead.features)
            answering, failing = LATE_ANSWERS * score, LATE_FAILURES * (1.0 - score)
            self._model.learn(lead.features, answering / (answering + failing))
        else:
            self._model.learn(lead.features, 1.0 if outcome == "answered" else 0.0)

    def figures(self) -> dict[str, float]:
        """What was dialed of the list, and how long the weak and the strong third waited, in dials."""
        ordered = sorted(probability for probability, _ in self._waits)
        if not ordered:
            return super().figures()
        weak, strong = ordered[int(WEAK * len(ordered))], ordered[int(STRONG * len(ordered))]
        return {
            "mean_dialed_probability": sum(self._chosen) / len(self._chosen),
            "mean_list_probability": sum(self._listed) / len(self._listed),
            "wait_weak": _mean([wait for p, wait in self._waits if p <= weak]),
            "wait_strong": _mean([wait for p, wait in self._waits if p >= strong]),
        }

    def _list_one(self) -> None:
        first, later = self._draw()
        logit = math.log(first / (1.0 - first))
        scale = self._leads.noise
        noise = [next(self._noise) for _ in range(3)]
        features = (0.5 * (logit + 1.0 + scale * noise[0]), 0.5 * (logit + 1.0 + scale * noise[1]), noise[2])
        if self._leads.useless:
            features = (noise[0], noise[1], noise[2])
        lead = Lead(first, later, features, self._dialed)
        self._hopper[self._next] = lead
        self._views.append(LeadView(self._next, self._believed(lead)))
        self._listed.append(first)
        self._next += 1

    def _believed(self, lead: Lead) -> float | None:
        if self._model is not None:
            return self._model.probability(lead.features)
        return lead.probability if self._leads.known == "told" else None

    def _draw(self) -> tuple[float, float]:
        if self._leads.beta:
            mean = self._world.answer_probability
            p = float(self._beta.beta(self._leads.beta * mean, self._leads.beta * (1.0 - mean)))
            p = min(0.999, max(0.001, p))
            return p, p
        luck = next(self._kinds_luck)
        for kind in self._leads.kinds:
            luck -= kind.share
            if luck < 0.0:
                break
        return kind.answer_probability, kind.later or kind.answer_probability

    def _probability_of(self, lead: Lead, now: float) -> float:
        swapped = self._leads.swap_at is not None and now >= self._leads.swap_at
        return lead.later if swapped else lead.probability


def _mean(values: list[int]) -> float:
    return sum(values) / len(values) if values else 0.0
