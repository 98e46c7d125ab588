"""Who answers: learned where there is something to learn, silent where there is not."""

import json
import math
import random

import numpy as np
import pytest

from pbx_bridge.core.pacing import AnswerModel, BadPacingInput, LeadFacts, encode
from pbx_bridge.core.pacing.features import SIZE
from pbx_bridge.core.pacing.learner import rank_quality


def taught(dials: int, worth: float, seed: int = 2) -> AnswerModel:
    draw = random.Random(seed)
    model = AnswerModel(3)
    for _ in range(dials):
        features = [draw.gauss(0.0, 1.0) for _ in range(3)]
        chance = 1.0 / (1.0 + math.exp(0.9 - worth * features[0]))
        model.learn(features, 1.0 if draw.random() < chance else 0.0)
    return model


def test_it_learns_and_is_calibrated() -> None:
    model = taught(3000, 1.5)
    assert model.useful
    for value in (-1.5, 0.0, 1.5):
        truth = 1.0 / (1.0 + math.exp(0.9 - 1.5 * value))
        assert model.probability([value, 0.0, 0.0]) == pytest.approx(truth, abs=0.08)


def test_useless_features_leave_it_silent() -> None:
    model = taught(3000, 0.0)
    assert model.probability([1.0, 1.0, 1.0]) is None


def test_a_new_model_is_silent_and_unsure() -> None:
    model = AnswerModel(2)
    assert model.probability([3.0, 3.0]) is None
    assert model.score([0.0, 0.0]) == pytest.approx(0.3, abs=0.05)


def test_it_goes_on_after_a_restart() -> None:
    model = taught(500, 1.5)
    other = AnswerModel(3)
    other.restore(json.loads(json.dumps(model.state())))
    for each in (model, other):
        each.learn([0.3, -0.2, 0.1], 1.0)
    assert other.state() == model.state()


@pytest.mark.parametrize("features", [[1.0], [1.0, math.nan, 0.0]])
def test_wrong_features_are_refused(features: list[float]) -> None:
    with pytest.raises(BadPacingInput):
        AnswerModel(3).score(features)


def test_rank_quality_is_the_share_of_pairs_in_order() -> None:
    assert rank_quality(np.array([0.1, 0.2, 0.8, 0.9]), np.array([0.0, 0.0, 1.0, 1.0])) == 1.0
    assert rank_quality(np.array([0.9, 0.2, 0.8, 0.1]), np.array([0.0, 0.0, 1.0, 1.0])) == 0.25
    assert rank_quality(np.array([0.5]), np.array([1.0])) == 0.5


def test_facts_become_as_many_features_as_promised() -> None:
    facts = LeadFacts(13.5, 6, 3, "no_answer", 86_400.0, "mobile", "03")
    features = encode(facts)
    assert len(features) == SIZE
    assert all(-3.0 <= feature <= 4.0 for feature in features)
    assert features != encode(LeadFacts(13.5, 6, 3, "busy", 86_400.0, "mobile", "03"))
