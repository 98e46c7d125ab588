"""Hazards and answer probability learn what they were fed, in the presence of what is still going on."""

import numpy as np
import pytest

from pbx_bridge.core.pacing.answers import RingLaws
from pbx_bridge.core.pacing.calibration import Calibration
from pbx_bridge.core.pacing.frees import FreeLaws
from pbx_bridge.core.pacing.hazards import Hazard, growing_edges


def test_calls_in_progress_keep_the_hazard_from_being_short() -> None:
    rng = np.random.default_rng(5)
    talks = rng.exponential(120.0, 600)
    seen_for = 60.0
    hazard = Hazard(growing_edges(4.0, 0.12, 7200.0), 60.0, 1e9)
    for talk in talks[talks < seen_for]:
        hazard.ended(float(talk))
    running = np.full(int((talks >= seen_for).sum()), seen_for)
    at = np.array([30.0, 60.0])
    censored = hazard.survival(running, None, at)
    ignored = hazard.survival(np.empty(0), None, at)
    assert censored == pytest.approx(np.exp(-at / 120.0), abs=0.05)
    assert np.all(ignored < censored - 0.1)


def test_the_answer_probability_is_not_fooled_by_early_failures() -> None:
    """Ten seconds into the first hundred dials: answered ÷ resolved would say that nobody ever answers."""
    rings = RingLaws(25.0, 0.3)
    for _ in range(17):
        rings.resolved(2.5, False)
    rings.refresh(np.full(83, 10.0), None)
    assert 0.1 < rings.probability < 0.3


def test_a_long_ring_is_hardly_answered_any_more() -> None:
    rings = RingLaws(25.0, 0.3)
    rng = np.random.default_rng(3)
    for _ in range(300):
        rings.resolved(float(min(24.0, rng.lognormal(2.37, 0.47))), True)
        rings.resolved(2.5, False)
        rings.resolved(25.0, False)
    rings.refresh(np.empty(0), None)
    assert rings.posterior(0.0, None) == pytest.approx(1 / 3, abs=0.05)
    assert rings.posterior(20.0, None) < 0.15 < rings.posterior(8.0, None)


def test_an_agent_in_wrap_up_is_free_sooner_than_one_who_talks() -> None:
    frees = FreeLaws()
    for _ in range(100):
        frees.talk_ended(120.0)
        frees.wrap_ended(20.0)
    frees.refresh(np.empty(0), np.empty(0), np.array([5.0, 10.0, 20.0]))
    talking = frees.free_within(np.array([60.0]), np.empty(0))[0]
    wrapping = frees.free_within(np.empty(0), np.array([10.0]))[0]
    assert np.all(wrapping > talking)
    assert np.all(np.diff(wrapping) > 0.0)


def test_calibration_ignores_chance_and_follows_a_change() -> None:
    check = Calibration()
    now = 0.0
    for realised in (3, 2, 4, 3, 3, 2):
        check.expect(3.0, now, 5.0)
        for _ in range(realised):
            check.happened(now - 1.0, now + 1.0)
        now += 5.0
    assert check.factor == 1.0
    for _ in range(40):
        check.expect(3.0, now, 5.0)
        for _ in range(6):
            check.happened(now - 1.0, now + 1.0)
        now += 5.0
    assert check.factor > 1.5
    assert check.failed
