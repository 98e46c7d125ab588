"""The sentences: complete in every language, as sounds a telephone plays, none longer than the dialogues count on."""

import wave
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from agi import prompts
from agi.dialogues.durations import duration
from agi.sentences import JAPANESE_DIGITS, SENTENCES, longest_seconds, status_sentences
from agi.speech import English, Japanese, Samples
from pbx_bridge.core.directory import BUILT_IN, Status
from pbx_bridge.core.errors import Misconfigured
from pbx_bridge.parts.flite import find_flite
from tests.exchange import Beep

SAMPLE = (
    "enter-password",
    "not-signed-in",
    "locked",
    "try-later",
    "center-greeting",
    "minutes-48",
    "hours-22",
    "status-3",
)


def test_every_voice_speaks_at_telephone_level_and_within_its_time() -> None:
    flite = find_flite(print)
    japanese, english = Japanese(), English(flite.path, flite.environment())
    for key in SAMPLE:
        for language, sound in (("ja", japanese.say(SENTENCES[key].ja)), ("en", english.say(SENTENCES[key].en))):
            loud = sound[np.abs(sound) > 0.01]
            assert 0.05 < float(np.sqrt(np.mean(loud**2))) < 0.15, (key, language)
            assert float(np.abs(sound).max()) <= 0.91
            assert 0.3 < len(sound) / 8000 <= longest_seconds(key, "ja" if language == "ja" else "en"), (key, language)


def test_what_is_missing_is_named_and_made_once(tmp_path: Path) -> None:
    assert "ja/pbx/enter-id.wav" in prompts.missing(tmp_path)
    made = prompts.build(tmp_path, {"ja": Beep(), "en": Beep()})
    assert made == 2 * len(SENTENCES) + len(JAPANESE_DIGITS)
    assert prompts.missing(tmp_path) == []
    (tmp_path / "en/pbx/try-later.wav").unlink()
    assert prompts.missing(tmp_path) == ["en/pbx/try-later.wav"]
    assert prompts.build(tmp_path, {"ja": Beep(), "en": Beep()}) == 1
    with wave.open(str(tmp_path / "ja/digits/0.wav")) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 8000)


def test_sounds_are_shown_beside_an_asterisks_own_english(tmp_path: Path) -> None:
    built, sounds = tmp_path / "built", tmp_path / "sounds"
    prompts.build(built, {"ja": Beep(), "en": Beep()})
    (sounds / "en/digits").mkdir(parents=True)
    prompts.link(built, sounds)
    prompts.link(built, sounds)
    assert prompts.missing(sounds) == []
    assert (sounds / "en/digits").is_dir()


def test_a_synthesiser_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="flite"):
        English(tmp_path / "flite").say("Hello")
    assert prompts.main(["build", str(tmp_path / "x"), "--flite", str(tmp_path / "flite")]) == 2
    assert prompts.main(["check", str(tmp_path)]) == 1


@pytest.mark.parametrize(
    ("seconds", "keys"),
    [
        (0.0, ("under-a-minute",)),
        (59.9, ("under-a-minute",)),
        (60.0, ("minutes-1",)),
        (3600.0, ("hours-1",)),
        (5430.0, ("hours-1", "minutes-30")),
        (90_000.0, ("hours-23", "minutes-59")),
    ],
)
def test_durations_are_sentences_that_exist(seconds: float, keys: tuple[str, ...]) -> None:
    assert duration(seconds) == keys
    assert set(keys) <= set(SENTENCES)


def test_a_custom_status_is_spoken_by_its_name_and_anew_when_it_is_renamed(tmp_path: Path) -> None:
    class Noted(Beep):
        said: ClassVar[list[str]] = []

        def say(self, text: str) -> Samples:
            self.said.append(text)
            return super().say(text)

    prompts.build(tmp_path, {"ja": Noted(), "en": Noted()})
    assert "status 5," in Noted.said
    Noted.said.clear()
    training = Status("training", 5, "研修中", "Training")
    extra = status_sentences((*BUILT_IN, training))
    assert prompts.build(tmp_path, {"ja": Noted(), "en": Noted()}, extra) == 2
    assert Noted.said == ["研修中、", "Training,"]
    assert prompts.build(tmp_path, {"ja": Noted(), "en": Noted()}, extra) == 0
    flite = find_flite(print)
    for language, sound in (
        ("ja", Japanese().say(Noted.said[0])),
        ("en", English(flite.path, flite.environment()).say(Noted.said[1])),
    ):
        assert 0.3 < len(sound) / 8000 <= longest_seconds("status-5", "ja" if language == "ja" else "en") + 1.0
