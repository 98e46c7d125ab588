"""Who answers: one logistic model a campaign, learned from zero, honest about what it does not know.

An extended Kalman step at each resolved dial (Penny & Roberts 1999, dynamic logistic regression) with forgetting;
the prediction is moderated by its own uncertainty (MacKay 1992): σ(κ·m), κ = 1/√(1 + π·v/8). While it ranks no better
than chance would, or its sums do not come true, it says nothing, and the campaign's common probability holds.
One local model only: blends of a global and a local model are claimed by US9723144 and US9807235.
"""

import math
from collections import deque
from collections.abc import Sequence

import msgspec
import numpy as np

from pbx_bridge.core.pacing.records import BadPacingInput

FORGET = 1500.0
"""Resolved dials after which one counts 1/e."""
USEFUL_AUC = 0.6
"""Rank quality over the recent dials below which nothing is said."""

_RECENT = 400
_JUDGED_EVERY = 25
_ENOUGH = 150
_PRIOR_VARIANCE = 1.0
_LARGEST_VARIANCE = 4.0


class LearnerState(msgspec.Struct, frozen=True):
    """The model at rest. recent: (prediction, outcome) of the last dials."""

    mean: list[float]
    covariance: list[list[float]]
    recent: list[tuple[float, float]] = []


class AnswerModel:
    """P(a person answers | features). `size` features, each roughly within -3..3; a constant is added."""

    def __init__(self, size: int, prior: float = 0.3) -> None:
        self._mean = np.zeros(size + 1)
        self._mean[0] = math.log(prior / (1.0 - prior))
        self._covariance = np.eye(size + 1) * _PRIOR_VARIANCE
        self._recent: deque[tuple[float, float]] = deque(maxlen=_RECENT)
        self._since_judged = 0
        self.useful = False

    def score(self, features: Sequence[float]) -> float:
        """The model's own belief, whether or not it is worth hearing."""
        x = self._vector(features)
        moderated = float(self._mean @ x) / math.sqrt(1.0 + math.pi / 8.0 * float(x @ self._covariance @ x))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, moderated))))

    def probability(self, features: Sequence[float]) -> float | None:
        """What to tell the pacer of this lead; None while the model is not worth hearing."""
        return min(0.97, max(0.01, self.score(features))) if self.useful else None

    def learn(self, features: Sequence[float], answered: float) -> None:
        """One resolved dial: 1 a person answered, 0 not; a call hung up by us brings its posterior."""
        if not 0.0 <= answered <= 1.0:
            raise BadPacingInput(f"answered: {answered!r} is not between 0 and 1")
        x = self._vector(features)
        self._recent.append((self.score(features), answered))
        predicted = 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, float(self._mean @ x)))))
        grown = self._covariance * (1.0 + 1.0 / FORGET)
        largest = float(np.max(np.diag(grown)))
        if largest > _LARGEST_VARIANCE:
            grown = self._covariance
        gain = grown @ x
        slope = max(predicted * (1.0 - predicted), 1e-4)
        self._covariance = grown - np.outer(gain, gain) * (slope / (1.0 + slope * float(x @ gain)))
        self._mean = self._mean + self._covariance @ x * (answered - predicted)
        self._since_judged += 1
        if self._since_judged >= _JUDGED_EVERY:
            self._since_judged = 0
            self.useful = self._judge()

    def state(self) -> dict[str, object]:
        """Everything learned, as plain values."""
        state = LearnerState(self._mean.tolist(), self._covariance.tolist(), list(self._recent))
        plain: dict[str, object] = msgspec.to_builtins(state)
        return plain

    def restore(self, state: dict[str, object]) -> None:
        """Take up saved learning. Raises BadPacingInput, and changes nothing, when it does not fit."""
        try:
            saved = msgspec.convert(state, LearnerState)
        except msgspec.ValidationError as error:
            raise BadPacingInput(f"learner: {error}") from error
        mean, covariance = np.array(saved.mean), np.array(saved.covariance)
        if mean.shape != self._mean.shape or covariance.shape != self._covariance.shape:
            raise BadPacingInput("learner: saved with other features")
        self._mean, self._covariance = mean, covariance
        self._recent = deque(saved.recent, maxlen=_RECENT)
        self.useful = self._judge()

    def _vector(self, features: Sequence[float]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
        if len(features) + 1 != len(self._mean) or not all(map(math.isfinite, features)):
            raise BadPacingInput(f"features: {len(self._mean) - 1} finite numbers are expected")
        return np.array((1.0, *features))

    def _judge(self) -> bool:
        if len(self._recent) < _ENOUGH:
            return False
        scores = np.array([score for score, _ in self._recent])
        outcomes = np.array([outcome for _, outcome in self._recent])
        allowed = 2.5 * math.sqrt(float((scores * (1.0 - scores)).sum())) + 0.05 * float(scores.sum())
        return abs(float((outcomes - scores).sum())) <= allowed and rank_quality(scores, outcomes) >= USEFUL_AUC


def rank_quality(
    scores: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]",
    outcomes: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]",
) -> float:
    """Area under the ROC curve: P(an answered dial was scored above an unanswered one); ½ when there is no pair."""
    order = np.argsort(scores, kind="stable")
    answered = outcomes[order]
    failed = 1.0 - answered
    pairs = float(answered.sum() * failed.sum())
    if pairs <= 0.0:
        return 0.5
    return float((answered * (np.cumsum(failed) - 0.5 * failed)).sum()) / pairs
