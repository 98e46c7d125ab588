"""Shares of talk against conversations whose answer is known by construction."""

from pathlib import Path

import numpy as np
import pytest

from pbx_bridge.ports.recordings import TalkShares
from recordings.encoding import Int16
from recordings.finish import finish
from recordings.talk import FRAME_MS, OPEN_DBM0, TalkMeter, mean_square, spurts

RATE = 8000
QUIET, LOUD = OPEN_DBM0 - 20, OPEN_DBM0 + 20


def _lane(*parts: tuple[float, float]) -> Int16:
    """White noise: (seconds, dBm0) one after another."""
    chance = np.random.default_rng(11)
    pieces = [chance.normal(0, mean_square(level) ** 0.5, round(seconds * RATE)) for seconds, level in parts]
    return np.concatenate(pieces).clip(-32768, 32767).astype(np.int16)


def _metered(agent: Int16, other: Int16, block: int = 1 << 16) -> TalkShares:
    meter, both = TalkMeter(RATE), np.stack((agent, other), axis=1)
    for at in range(0, len(both), block):
        meter.add(both[at : at + block])
    return meter.talk()


def test_a_conversation_of_known_shares() -> None:
    agent = _lane((3, LOUD), (5, QUIET), (2, LOUD))
    other = _lane((2, QUIET), (4, LOUD), (4, QUIET))
    talk = _metered(agent, other)
    assert talk.agent == pytest.approx(0.5, abs=0.01)
    assert talk.other == pytest.approx(0.4, abs=0.01)
    assert talk.overtalk == pytest.approx(0.1, abs=0.01)
    assert talk.silence == pytest.approx(0.2, abs=0.01)
    assert talk.agent + talk.other - talk.overtalk + talk.silence == pytest.approx(1)


@pytest.mark.parametrize("block", [1, 7, 159, 160, 161, 5000])
def test_blocks_do_not_matter(block: int) -> None:
    agent, other = _lane((0.3, LOUD), (0.7, QUIET)), _lane((0.5, QUIET), (0.5, LOUD))
    assert _metered(agent, other, block) == _metered(agent, other)


def test_gaps_inside_words_are_talk_and_pauses_are_not() -> None:
    frames = 1000 // FRAME_MS
    talking, level = mean_square(LOUD), mean_square(QUIET)

    def share(gap_ms: int) -> float:
        gap = gap_ms // FRAME_MS
        return float(spurts(np.array([talking] * frames + [level] * gap + [talking] * frames)).mean())

    assert share(200) == 1.0
    assert share(220) < 1.0


def test_a_click_is_no_talk() -> None:
    loud, quiet = mean_square(LOUD), mean_square(QUIET)
    assert not spurts(np.array([quiet] * 20 + [loud] + [quiet] * 20)).any()
    assert spurts(np.array([quiet] * 20 + [loud, loud] + [quiet] * 20)).sum() == 2


def test_hysteresis_holds_a_voice_together_but_opens_nothing() -> None:
    between, loud, quiet = (mean_square(OPEN_DBM0 + offset) for offset in (-3, 3, -9))
    assert spurts(np.array([loud] * 5 + [between] * 50)).all()
    assert not spurts(np.array([between] * 50)).any()
    assert not spurts(np.array([quiet] * 5 + [between] * 50)).any()


def test_a_sine_at_the_threshold_has_its_level() -> None:
    """-40 dBm0 is a sine 43.17 dB below the loudest one."""
    sine = 32767 * 10 ** (-43.17 / 20) * np.sin(2 * np.pi * np.arange(8000) / 8)
    assert np.mean(sine**2) == pytest.approx(mean_square(-40.0), rel=1e-3)


def test_digital_silence_and_nothing_at_all() -> None:
    nobody = TalkShares(0.0, 0.0, 1.0, 0.0)
    assert _metered(np.zeros(8000, np.int16), np.zeros(8000, np.int16)) == nobody
    assert TalkMeter(RATE).talk() == nobody
    assert _metered(_lane((0.01, LOUD)), _lane((0.01, LOUD))) == nobody


def test_finishing_measures_the_right_way_round(tmp_path: Path) -> None:
    """The recorder's left is the customer, who talks for 3 of 4 seconds here."""
    customer, agent = _lane((3, LOUD), (1, QUIET)), _lane((3, QUIET), (1, LOUD))
    source, target = tmp_path / "call.raw", tmp_path / "call.flac"
    source.write_bytes(np.stack((customer, agent), axis=1).tobytes())
    talk = finish(source, target).talk
    assert talk is not None
    assert (round(talk.agent, 2), round(talk.other, 2)) == (0.25, 0.75)
    source.unlink()
    assert finish(source, target).talk == talk
