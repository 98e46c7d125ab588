"""AGI's bytes, both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi.protocol import HANG_UP, Conversation, Event, Reply, Request, command, known_reply
from pbx_bridge.core.errors import Garbled

REQUEST = (
    b"agi_network: yes\nagi_network_script: sign_in?token=9-ab&x=1\nagi_channel: PJSIP/1001-1\nagi_uniqueid: 1.1\n"
    b"agi_language: ja\nagi_callerid: unknown\nagi_extension: 0010\nagi_arg_1: one\nagi_arg_2: two: 2\n\n"
)
USAGE = "520-Invalid command syntax.  Proper usage follows:\nUsage: ANSWER\n\n520 End of proper usage."
REPLIES = (
    f"200 result=0\n200 result=1 (a (b) c)\n{USAGE}\nHANGUP\n200 result=1 (two\nlines)\n511 Command Not Permitted\n"
)


def fed(conversation: Conversation, data: bytes, size: int) -> list[Event]:
    return [event for i in range(0, len(data), size) for event in conversation.feed(data[i : i + size])]


@pytest.mark.parametrize("size", [1, 3, 17, 10_000])
def test_a_whole_conversation_however_cut(size: int) -> None:
    request, *replies = fed(Conversation(), REQUEST + REPLIES.encode(), size)
    assert isinstance(request, Request)
    assert request.dialogue == "sign_in"
    assert request.token == "9-ab"
    assert (request.uniqueid, request.language, request.extension) == ("1.1", "ja", "0010")
    assert request.caller_number == ""
    assert request.arguments == ("one", "two: 2")
    assert replies[0] == Reply(200, "0", "", "")
    assert isinstance(replies[1], Reply)
    assert replies[1].value == "a (b) c"
    assert isinstance(replies[2], Reply)
    assert replies[2].code == 520
    assert "Usage: ANSWER" in replies[2].text
    assert replies[3] == HANG_UP
    assert isinstance(replies[4], Reply)
    assert replies[4].value == "two\nlines"
    assert isinstance(replies[5], Reply)
    assert replies[5].code == 511


@given(st.binary(max_size=200), st.integers(1, 9))
def test_any_bytes_are_taken_or_refused(data: bytes, size: int) -> None:
    conversation = Conversation()
    try:
        fed(conversation, REQUEST, 1000)
        fed(conversation, data, size)
    except Garbled:
        return


@given(
    st.sampled_from([b"200 result=0\n", b"200 result=0 endpos=1234\n", b"200 result=0 (timeout)\n"]), st.integers(1, 9)
)
def test_a_reply_seen_before_is_the_same_reply(line: bytes, size: int) -> None:
    conversation, slow = Conversation(), Conversation()
    assert known(conversation, line) is None
    slow.feed(REQUEST)
    conversation.feed(REQUEST)
    conversation.feed(line)
    assert [known(conversation, line)] == fed(slow, line, size)
    conversation.feed(b"200 result=1 (a value that goes on\n")
    assert known(conversation, line) is None


def known(conversation: Conversation, chunk: bytes) -> Event | None:
    """As the server asks."""
    return known_reply(chunk) if conversation.at_rest else None


def test_nothing_a_caller_keyed_is_remembered() -> None:
    conversation = Conversation()
    conversation.feed(REQUEST)
    for line in (b"200 result=0471\n", b"200 result=49 endpos=8000\n", b"200 result=1234 (timeout)\n"):
        conversation.feed(line)
        assert known_reply(line) is None


def test_too_much_is_refused() -> None:
    with pytest.raises(Garbled, match="request"):
        Conversation().feed(b"agi_x: " + b"y" * 20_000)
    conversation = Conversation()
    conversation.feed(REQUEST)
    with pytest.raises(Garbled, match="reply"):
        conversation.feed(b"200 result=" + b"1" * 70_000)


def asterisk_reads(line: bytes) -> list[str]:
    """parse_args() of res/res_agi.c, after its C."""
    words: list[str] = []
    quoted = escaped = False
    blank = True
    for char in line.decode().removesuffix("\n"):
        if char == '"' and not escaped:
            quoted = not quoted
            if quoted and blank:
                words.append("")
                blank = False
        elif char in " \t" and not quoted and not escaped:
            blank = True
        elif char == "\\" and not escaped:
            escaped = True
            continue
        else:
            if blank:
                words.append("")
                blank = False
            words[-1] += char
        escaped = False
    return words


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=20), max_size=4))
def test_asterisk_reads_back_every_argument(arguments: list[str]) -> None:
    assert asterisk_reads(command("SET VARIABLE", *arguments)) == ["SET", "VARIABLE", *arguments]


@pytest.mark.parametrize("evil", ["x\nHANGUP", "x\rHANGUP", "\0", "\x7f"])
def test_no_second_command_through_an_argument(evil: str) -> None:
    with pytest.raises(Garbled, match="control character"):
        command("VERBOSE", evil)


def test_a_line_longer_than_asterisk_reads_is_refused() -> None:
    with pytest.raises(Garbled, match="bytes"):
        command("VERBOSE", "x" * 2100)
