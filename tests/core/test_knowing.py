"""A job learns who answers, from its own dials, and says nothing before it knows better than chance."""

import random

import pytest

from pbx_bridge.core.campaign.knowing import Knowing, features
from pbx_bridge.core.commands import Lead
from pbx_bridge.core.facts import AttemptResult
from pbx_bridge.core.ids import LeadId
from pbx_bridge.core.pacing.features import SIZE

SEED = 7
NOON = 1_800_000_000.0 - 5 * 3600  # Friday, 15 January 2027, 12:00 in Tokyo


def lead(number: str, attempts: int = 0) -> Lead:
    return Lead(LeadId(1), number, "Asia/Tokyo", attempts=attempts)


def test_what_is_known_of_a_lead_fits_the_model_whatever_its_number() -> None:
    for number in ("+819012345678", "+81312345678", "+815012345678", "+81120444444", "117", "?"):
        assert len(features(lead(number), NOON)) == SIZE


def test_mobile_and_fixed_numbers_look_different() -> None:
    assert features(lead("+819012345678"), NOON) != features(lead("+81312345678"), NOON)


def test_it_is_silent_until_it_ranks_and_then_prefers_who_answers() -> None:
    knowing, draw = Knowing(0.3), random.Random(SEED)
    print("seed", SEED)
    mobile, fixed = lead("+819012345678"), lead("+81312345678")
    assert knowing.known(mobile, NOON).answer_probability is None
    for _ in range(600):
        asked, chance = draw.choice([(mobile, 0.6), (fixed, 0.1)])
        if draw.random() < chance:
            knowing.answered(features(asked, NOON))
        else:
            knowing.unanswered(features(asked, NOON), "no_answer", still=0.0)
    likely, unlikely = knowing.known(mobile, NOON).answer_probability, knowing.known(fixed, NOON).answer_probability
    assert likely is not None
    assert unlikely is not None
    assert likely == pytest.approx(0.6, abs=0.15)
    assert unlikely == pytest.approx(0.1, abs=0.1)


def test_a_probability_from_elsewhere_is_left_alone() -> None:
    given = Lead(LeadId(1), "+819012345678", "Asia/Tokyo", answer_probability=0.42)
    assert Knowing(0.3).known(given, NOON) is given


def test_what_never_reached_a_phone_teaches_nothing() -> None:
    knowing = Knowing(0.3)
    before = knowing.model.state()
    nothing: tuple[AttemptResult, ...] = ("failed", "lost", "cancelled")
    for result in nothing:
        knowing.unanswered(features(lead("+819012345678"), NOON), result, still=0.0)
    assert knowing.model.state() == before
