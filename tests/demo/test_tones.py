"""Goertzel says what is in a sound."""

from math import pi, sin

import pytest

from pbx_bridge.demo.tones import level, share

RATE = 8000


def hum(*hertz: float, seconds: float = 0.25) -> list[int]:
    return [int(sum(8000 * sin(2 * pi * f * n / RATE) for f in hertz)) for n in range(int(RATE * seconds))]


def test_a_lone_tone_is_all_of_the_sound() -> None:
    assert share(hum(440), RATE, 440) == pytest.approx(1.0, abs=0.01)
    assert share(hum(440), RATE, 1000) < 0.001


def test_two_tones_share_it() -> None:
    both = hum(440, 1000)
    assert share(both, RATE, 440) == pytest.approx(0.5, abs=0.02)
    assert share(both, RATE, 1000) == pytest.approx(0.5, abs=0.02)
    assert share(both, RATE, 700) < 0.01


def test_silence_holds_nothing() -> None:
    assert share([0] * 2000, RATE, 440) == 0.0
    assert level([0] * 2000) == 0.0
    assert level([]) == 0.0


def test_level_is_rms_of_full_scale() -> None:
    assert level(hum(400)) == pytest.approx(8000 / 2**0.5 / 32768, rel=0.01)
