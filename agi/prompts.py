"""`python -m agi.prompts build DIR`: every sentence as a sound, one folder a language, made once at set-up.

    DIR/ja/pbx/enter-id.wav   DIR/ja/digits/1.wav   DIR/en/pbx/enter-id.wav

DIR is Asterisk's folder `sounds`, or one that `link` then shows to it.
"""

import argparse
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from dialplan.check import load
from dialplan.provision import Provision
from pbx_bridge.core.directory import Language
from pbx_bridge.core.errors import Misconfigured

from .sentences import JAPANESE_DIGITS, SENTENCES, Sentence, center_sentences, status_sentences
from .speech import English, Japanese, Samples, write_wav

LANGUAGES: tuple[Language, ...] = ("ja", "en")
FOLDER = "pbx"
_NOTE = "wording.json"


_IN_WORDS: dict[Language, str] = {"ja": "Japanese", "en": "English"}
_SAY_EVERY = 50
"""Sentences between two lines of progress."""


class Voice(Protocol):
    def say(self, text: str) -> Samples:
        """A sentence as sound."""


def build(
    into: Path,
    voices: Mapping[Language, Voice],
    extra: Mapping[str, Sentence] | None = None,
    progress: Callable[[str], None] = lambda line: None,
) -> int:
    """Make what is not there yet or is worded otherwise now, and `extra` sentences (`center-7000`, `caller-3`,
    `status_sentences` …); the number of sounds made.

    Raises `Misconfigured` when a synthesiser does not work, `OSError` when the disk does not.
    """
    made = 0
    for language, voice in voices.items():
        wanted, said = _wanted(into, language, {**SENTENCES, **(extra or {})}), _wording(into, language)
        todo = _todo(into, language, extra or {})
        for number, (path, text) in enumerate(todo.items()):
            if number % _SAY_EVERY == 0:
                progress(f"prompts in {_IN_WORDS[language]}: {number} of {len(todo)} made")
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(".part")
            write_wav(unfinished, voice.say(text))
            unfinished.rename(path)
        _note_wording(into, language, said | {_key(path): text for path, text in wanted.items()})
        made += len(todo)
    return made


def _wording(into: Path, language: Language) -> dict[str, str]:
    """What each sound says, as noted when it was made: a status that gets another name is spoken anew."""
    note = into / language / FOLDER / _NOTE
    return msgspec.json.decode(note.read_bytes(), type=dict[str, str]) if note.exists() else {}


def _note_wording(into: Path, language: Language, said: dict[str, str]) -> None:
    note = into / language / FOLDER / _NOTE
    unfinished = note.with_suffix(".part")
    unfinished.write_bytes(msgspec.json.encode(said, order="sorted"))
    unfinished.rename(note)


def _key(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def outdated(into: Path, extra: Mapping[str, Sentence] | None = None) -> int:
    """Sounds that `build` would make."""
    return sum(len(_todo(into, language, extra or {})) for language in LANGUAGES)


def _todo(into: Path, language: Language, extra: Mapping[str, Sentence]) -> dict[Path, str]:
    wanted, said = _wanted(into, language, {**SENTENCES, **extra}), _wording(into, language)
    return {path: text for path, text in wanted.items() if not path.exists() or said.get(_key(path), text) != text}


def missing(directory: Path, extra: Mapping[str, Sentence] | None = None) -> list[str]:
    """Sounds that may be asked for and are not there, as paths below `directory`; of `extra` too."""
    sentences = {**SENTENCES, **(extra or {})}
    wanted = [path for language in LANGUAGES for path in _wanted(directory, language, sentences)]
    return [str(path.relative_to(directory)) for path in wanted if not path.exists()]


def link(built: Path, sounds: Path) -> None:
    """Show prompts built elsewhere to an Asterisk whose folder `sounds` has its own English: by symbolic links."""
    for source in (built / "ja", built / "en" / FOLDER):
        target = sounds / source.relative_to(built)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_symlink():
            target.unlink()
        if not target.exists():
            target.symlink_to(source)


def _wanted(into: Path, language: Language, sentences: Mapping[str, Sentence]) -> dict[Path, str]:
    texts = {key: sentence.ja if language == "ja" else sentence.en for key, sentence in sentences.items()}
    paths = {into / language / FOLDER / f"{key}.wav": text for key, text in texts.items() if text}
    if language == "ja":
        paths |= {into / "ja" / "digits" / f"{key}.wav": text for key, text in JAPANESE_DIGITS.items()}
    return paths


def own_sentences(provision: Provision) -> dict[str, Sentence]:
    """What only this installation says."""
    return center_sentences(provision.centers) | status_sentences(provision.statuses)


def own_voices(flite: Path | None = None) -> dict[Language, Voice]:
    """The synthesisers of this machine. Raises `Misconfigured`."""
    return {"en": English(flite or Path(shutil.which("flite") or "flite")), "ja": Japanese()}


def main(arguments: list[str] | None = None) -> int:
    """0 when done; 1 with the missing sounds (`check`); 2 with one line on what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m agi.prompts", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("build", help="make the sounds that are not there yet")
    make.add_argument("directory", type=Path)
    make.add_argument("--flite", type=Path, default=Path(shutil.which("flite") or "flite"), help="English synthesiser")
    make.add_argument("--provision", type=Path, help="speak the names of its custom statuses and of its centers")
    commands.add_parser("check", help="name the sounds that are missing").add_argument("directory", type=Path)
    chosen = parser.parse_args(arguments)
    if chosen.command == "check":
        lacking = missing(chosen.directory)
        print("\n".join(lacking) or "all there")
        return 1 if lacking else 0
    try:
        voices = own_voices(chosen.flite)
        extra = own_sentences(load(chosen.provision)) if chosen.provision else None
        made = build(chosen.directory, voices, extra, progress=lambda line: print(line, file=sys.stderr))
    except (Misconfigured, OSError) as fault:
        print(fault, file=sys.stderr)
        return 2
    print(f"{made} sounds made in {chosen.directory}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
