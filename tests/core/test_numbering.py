"""However a carrier writes a number of our own country, it is the number people dial; others stay what they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_bridge.core.numbering import Numbering

JAPAN = Numbering()
SHAPES = (
    "09012340001",
    "090-1234-0001",
    "090 1234 0001",
    "+819012340001",
    "+81 90-1234-0001",
    "+81-90-1234-0001",
    "00819012340001",
    "01081-90-1234-0001",
    "819012340001",
)
"""One mobile."""


@pytest.mark.parametrize("shape", SHAPES)
def test_one_phone_however_it_is_written(shape: str) -> None:
    assert JAPAN.home(shape) == "09012340001"


@pytest.mark.parametrize(
    ("number", "home"),
    [
        ("+44 20 7946 0018", "+442079460018"),
        ("0120123456", "0120123456"),
        ("110", "110"),
        ("8100", "8100"),
        ("+811", "+811"),
        ("", ""),
        ("anonymous", ""),
        ("0312340001", "0312340001"),
        ("+81312340001", "0312340001"),
    ],
)
def test_foreign_short_and_withheld_ones_stay(number: str, home: str) -> None:
    assert JAPAN.home(number) == home


def test_without_a_trunk_prefix_a_bare_country_code_may_be_an_area_code() -> None:
    italy = Numbering(country_code="39", trunk_prefix="", international_prefixes=("00",))
    assert italy.home("+39 06 1234 5678") == "0612345678"
    assert italy.home("0039 347 1234567") == "3471234567"
    assert italy.home("3931234567") == "3931234567"


@given(st.text(alphabet="+0123456789- ()8", max_size=20))
def test_twice_is_once(number: str) -> None:
    """Unless what is left could again be read as written from abroad: no subscriber's number in its country could."""
    once = JAPAN.home(number)
    if not once.startswith(("0081", "01081", "81", "+81")):
        assert JAPAN.home(once) == once
