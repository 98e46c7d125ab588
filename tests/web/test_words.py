"""Two languages, the same keys, and none that nobody wrote."""

import re
from pathlib import Path
from typing import get_args

import pytest

from pbx_bridge.core.directory import Language
from web.problems import STATUS, ProblemId
from web.words import CATALOGUES, LANGUAGES, preferred

WEB = Path(__file__).parents[2] / "web"
KEY = re.compile(r"""\bt(?:\.maybe)?\(\s*["']([\w.\- ]+)["'](\s*[,)~])""")


def test_the_catalogues_have_the_same_keys() -> None:
    assert set(CATALOGUES["ja"]) == set(CATALOGUES["en"])


def test_sentences_name_the_same_values() -> None:
    for key, japanese in CATALOGUES["ja"].items():
        assert set(re.findall(r"{(\w+)}", japanese)) == set(re.findall(r"{(\w+)}", CATALOGUES["en"][key])), key


@pytest.mark.parametrize("pattern", ["templates/**/*.html", "ui/src/*.ts"])
def test_every_word_a_page_or_an_island_asks_for_exists(pattern: str) -> None:
    missing = {}
    for path in WEB.glob(pattern):
        for key, after in KEY.findall(path.read_text("utf-8")):
            known = any(word.startswith(key) for word in CATALOGUES["ja"]) if "~" in after else key in CATALOGUES["ja"]
            if not known:
                missing[path.name] = key
    assert missing == {}


def test_every_word_is_asked_for_somewhere() -> None:
    """Whole, or by what it begins with: `'status.' ~ key`, `status.${key}`."""
    text = "\n".join(
        path.read_text("utf-8")
        for pattern in ("templates/**/*.html", "ui/src/*.ts", "**/*.py")
        for path in WEB.glob(pattern)
        if "node_modules" not in path.parts
    )
    whole = set(re.findall(r"""["'`]([\w.\-]+)["'`]""", text))
    begun = tuple(set(re.findall(r"""["'`]([\w\-]+\.[\w.\-]*)(?:["'`]\s*[~+]|\$?\{)""", text)))
    unused = [key for key in CATALOGUES["ja"] if key not in whole and not key.startswith(begun)]
    assert unused == []


def test_every_problem_is_a_sentence() -> None:
    said = {key.removeprefix("problem.") for key in CATALOGUES["ja"] if key.startswith("problem.")}
    of_rules = {id for kind in get_args(ProblemId) for id in (get_args(kind) or (kind,))}
    assert (of_rules | set(STATUS)) - said == {"no-input"}, "the phone's alone"


def test_every_act_in_the_audit_trail_has_its_words() -> None:
    """Acts are dotted words; so are loggers and file names, which are left out."""
    act = re.compile(
        r'"((?:account|agent|batch|callback|campaign|center|channel|do_not_call|job|recording|redial)\.[a-z_.]+)"'
    )
    sources = [path for room in ("pbx_bridge", "web") for path in (WEB.parent / room).rglob("*.py")]
    acts = {found for path in sources for found in act.findall(path.read_text("utf-8")) if not found.endswith(".html")}
    assert {"account.created", "recording.space.tight", "callback.take"} <= acts
    assert {found for found in acts if f"act.{found}" not in CATALOGUES["ja"]} == set()


@pytest.mark.parametrize(
    ("header", "expected"),
    [("en-GB,ja;q=0.5", "en"), ("fr,ja;q=0.9,en;q=0.8", "ja"), ("jam", "ja"), ("", "ja"), ("de", "ja"), ("EN", "en")],
)
def test_a_stranger_is_greeted_in_a_language_their_browser_names(header: str, expected: Language) -> None:
    assert preferred(header, "ja") == expected
    assert expected in LANGUAGES
