"""What pages say, in two languages. A catalogue is a flat JSON object; both have the same keys (a test says so)."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pbx_bridge.core.directory import Language

FOLDER = Path(__file__).parent / "catalogues"
LANGUAGES: tuple[Language, ...] = ("ja", "en")
FOR_SCRIPTS = ("live.", "mode.", "state.", "why.", "wave.", "step.", "app.", "direction.", "status.", "unit.", "agent.")
"""Prefixes of what the islands need: it travels with each page."""


def _read(language: Language) -> Mapping[str, str]:
    words: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text("utf-8"))
    return words


CATALOGUES: Final[Mapping[Language, Mapping[str, str]]] = {language: _read(language) for language in LANGUAGES}


class Words:
    """One language's words; a key that does not exist is a programming error and raises KeyError."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._words = CATALOGUES[language]

    def __call__(self, key: str, **values: object) -> str:
        text = self._words[key]
        return text.format(**values) if values else text

    def maybe(self, key: str, otherwise: str) -> str:
        """For keys built from data (a custom status, an event nobody foresaw)."""
        return self._words.get(key, otherwise)

    def error(self, reason: str, limit: str = "") -> str:
        """What is wrong with a field, as a sentence."""
        text = self._words.get(f"error.{reason}", self._words["error.invalid"])
        return text.format(limit=self._words.get(f"kind.{limit}", limit))

    def for_scripts(self) -> dict[str, str]:
        return {key: text for key, text in self._words.items() if key.startswith(FOR_SCRIPTS)}


def preferred(accept_language: str, fallback: Language) -> Language:
    """The first of our languages that the browser names."""
    for part in accept_language.split(","):
        tag = part.split(";")[0].strip().lower()
        for language in LANGUAGES:
            if tag == language or tag.startswith(f"{language}-"):
                return language
    return fallback
