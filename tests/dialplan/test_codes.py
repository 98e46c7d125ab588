"""Dial codes: presets that work, collisions that stop the start with a line that says how to mend them."""

import msgspec
import pytest

from dialplan.codes import PRESETS, DialCodes, by_function, check, dialed, from_table
from pbx_bridge.core.errors import Misconfigured

TERMINALS = [(f"terminal {e}", str(e)) for e in range(1001, 1021)] + [("center Orders", "7000")]


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_works_beside_usual_extensions(preset: str) -> None:
    check(from_table({"preset": preset}), TERMINALS)


def test_the_biztel_preset_is_the_product_table() -> None:
    assert by_function(PRESETS["biztel"]) == {
        "sign_in": "0010",
        "sign_out": "0011",
        "sign_in_extension": "0012",
        "change_status": "0013",
        "raise_hand": "0014",
        "join_job": "0015",
        "status": "002",
        "monitor": "0070",
        "listen": "0071",
        "whisper": "0072",
        "barge": "0073",
        "recording_pause": "0074",
    }


def test_every_code_is_also_dialed_behind_the_mobile_prefix() -> None:
    assert ("sign_in", "80010") in list(dialed(DialCodes()))
    assert [digits for _, digits in dialed(DialCodes(mobile_prefix=""))] == list(by_function(DialCodes()).values())


@pytest.mark.parametrize(
    ("codes", "extensions", "words"),
    [
        (DialCodes(sign_out="0010"), [], ["sign_in", "sign_out", "0010", "another number"]),
        (DialCodes(monitor="00"), [], ["monitor", "00", "begins", "change one"]),
        (DialCodes(raise_hand="0024"), [], ["status", "raise_hand"]),
        (DialCodes(), [("terminal 8001", "8001")], ["terminal 8001", "80010"]),
        (DialCodes(), [("terminal x", "80010")], ["terminal x", "sign_in", "both"]),
        (DialCodes(), [("terminal a", "1001"), ("center B", "1001")], ["terminal a", "center B", "1001"]),
        (DialCodes(), [("terminal a", "1001"), ("terminal b", "10011")], ["1001", "10011", "begins"]),
        (DialCodes(sign_in="sign"), [], ["sign_in", "keys"]),
        (DialCodes(sign_in="1"), [], ["sign_in", "two to six"]),
        (DialCodes(mobile_prefix="888"), [], ["mobile_prefix"]),
    ],
)
def test_what_cannot_be_told_apart_is_refused(
    codes: DialCodes, extensions: list[tuple[str, str]], words: list[str]
) -> None:
    with pytest.raises(Misconfigured) as refused:
        check(codes, extensions)
    assert [word for word in words if word not in str(refused.value)] == []
    assert "\n" not in str(refused.value)


def test_a_table_names_a_preset_and_changes_single_codes() -> None:
    codes = from_table({"preset": "wazo", "sign_in": "*55"})
    assert (codes.sign_in, codes.sign_out) == ("*55", "*31")


@pytest.mark.parametrize("table", [{"preset": "avaya"}, {"sign_inn": "0010"}])
def test_an_unknown_preset_or_code_is_refused(table: dict[str, str]) -> None:
    with pytest.raises(Misconfigured):
        from_table(table)


def test_codes_are_data() -> None:
    assert msgspec.convert(msgspec.to_builtins(PRESETS["wazo"]), DialCodes) == PRESETS["wazo"]
