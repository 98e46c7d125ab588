"""The card: every code of the installation in both languages, and nobody's name becomes markup."""

import pytest

from dialplan.card import Card, html, lines, text
from dialplan.codes import DIALOGUES, PRESETS, DialCodes, by_function
from pbx_bridge.core.directory import BUILT_IN, Language, Status

TRAINING = Status("training", 5, "研修中", "Training")


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("codes", PRESETS.values())
def test_every_code_stands_on_the_card(codes: DialCodes, language: Language) -> None:
    statuses = (*BUILT_IN, TRAINING)
    table = lines(codes, statuses, language)
    wanted = {code for name, code in by_function(codes).items() if name in DIALOGUES}
    assert {code for code, _ in table} == wanted | {f"{codes.status}{status.digit}" for status in statuses}
    assert len({words for _, words in table}) == len(table)
    printed = text(Card("山田 花子", "1001", "4711", language, "739101"), codes, statuses)
    for word in ("山田 花子", "1001", "4711", "739101", "研修中" if language == "ja" else "Training"):
        assert word in printed


def test_a_card_has_no_code_out_of_service_and_no_password_unless_it_was_just_made() -> None:
    printed = html(Card("A", "1001", "4711", "en"), DialCodes())
    assert "0070" not in printed
    assert "password</dt>" not in printed
    assert "0074" in printed
    assert all(key in html(Card("A", "1001", "4711", "en"), DialCodes(), pause_key="*7") for key in ("*7", "##", "*2"))


def test_names_are_escaped() -> None:
    assert "<b>" not in html(Card("<b>", "1001", "4711"), DialCodes(), (Status("x", 5, "<b>", "<b>"),))
