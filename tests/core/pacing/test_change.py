"""A step in the answer probability is seen within dozens of dials, and chance is not taken for one."""

import random

import pytest

from pbx_bridge.core.pacing.answers import RingLaws
from pbx_bridge.core.pacing.change import MEMORIES, Recent


def played(recent: Recent, probability: float, dials: int, believed: float, draw: random.Random) -> int | None:
    """The dial at which a change from `believed` is seen, None if none is."""
    for dial in range(dials):
        recent.resolved(float(draw.random() < probability))
        if recent.changed(believed, 2000) is not None:
            return dial
    return None


@pytest.mark.parametrize(("before", "after", "within"), [(0.6, 0.1, 40), (0.15, 0.45, 110), (0.1, 0.3, 200)])
def test_a_step_is_seen_soon(before: float, after: float, within: int) -> None:
    draw = random.Random(4)
    recent = Recent()
    assert played(recent, before, 400, before, draw) is None
    seen = played(recent, after, within, before, draw)
    assert seen is not None
    assert seen >= 5


@pytest.mark.parametrize("probability", [0.05, 0.3, 0.8])
def test_chance_is_no_change(probability: float) -> None:
    assert played(Recent(), probability, 5000, probability, random.Random(1)) is None


def test_after_a_change_only_what_is_recent_counts() -> None:
    recent = Recent()
    for _ in range(400):
        recent.resolved(0.0)
    for _ in range(20):
        recent.resolved(1.0)
    believed = recent.changed(0.01, 2000)
    assert believed is not None
    assert believed[0] / believed[1] == pytest.approx(0.5, abs=0.1)
    assert recent.changed(believed[0] / believed[1], 2000) is None, "the same change is not found twice"


def test_a_saved_state_of_other_memories_begins_anew() -> None:
    recent = Recent()
    recent.restore([(5.0, 10.0)])
    assert recent.state() == [(0.0, 0.0)] * len(MEMORIES)


def test_the_answer_probability_follows_a_step() -> None:
    rings = RingLaws(25.0, 0.3)
    draw = random.Random(2)
    for probability in [0.6] * 1000 + [0.1] * 80:
        rings.resolved(12.0, draw.random() < probability)
        rings.refresh(rings.moments[:0], None)
    assert rings.probability < 0.3
