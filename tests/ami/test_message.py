"""Headers on demand: the learned road and the plain one agree; nothing missing reads as empty by accident."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from panoramisk.message import Message as TheirMessage

from pbx_bridge.ami.headers import Reader
from pbx_bridge.ami.message import Message
from pbx_bridge.core.errors import Garbled

RAW = b"Event: Newstate\r\nChannel: PJSIP/1-0\r\nCallerIDName: a: b\r\nAccountCode: \r\nOdd:\r\nChannel: second"


def test_headers_by_any_case_and_the_first_of_a_repeated_one() -> None:
    message = Message(RAW)
    assert message.name == "Newstate"
    assert message["channel"] == message["Channel"] == "PJSIP/1-0"
    assert message.all("CHANNEL") == ["PJSIP/1-0", "second"]
    assert message["CallerIDName"] == "a: b"
    assert message["AccountCode"] == message["Odd"] == ""
    assert "odd" in message
    assert "Even" not in message
    assert message.get("Even", "?") == "?"


def test_a_misspelt_header_is_an_error_not_an_empty_text() -> None:
    with pytest.raises(Garbled, match="Newstate: the header Chanel is missing"):
        Message(RAW)["Chanel"]
    assert TheirMessage.from_line(RAW.decode()).chanel == ""  # panoramisk's way


def test_bytes_that_are_not_utf8_or_nul_stay_readable() -> None:
    message = Message(b"Event: X\r\nName: \xe9t\xe9\0")
    assert message["Name"] == "\ufffdt\ufffd\ufffd"


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=12)
LINES = st.lists(st.tuples(st.sampled_from(["A", "B", "Chan-V", "a"]), TEXT), max_size=6)


@given(LINES)
def test_learned_and_plain_agree(lines: list[tuple[str, str]]) -> None:
    text = "\r\n".join(["Event: X", *(f"{name}: {value}" for name, value in lines)])
    learning, plain = Reader(), Reader()
    expected = plain.read_by_line(b"Event: X", text)
    for _ in range(20):
        layout, values = learning.read(b"Event: X", text)
        assert (layout.names, values) == (expected[0].names, expected[1])
    assert not lines or any("\r" in value for _, value in lines) or learning.learned


def test_memory_for_layouts_is_bounded() -> None:
    reader = Reader()
    for number in range(3000):
        reader.read(b"Event: UserEvent", f"Event: UserEvent\r\nH{number}: 1")
    assert len(reader._seen) <= 1024
