"""Packets do not depend on how the bytes were cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_bridge.ami.framing import Framer
from pbx_bridge.ami.message import Message, name_of

GREETING = b"Asterisk Call Manager/11.0.0\r\n"
PACKETS = [
    b"Response: Success\r\nActionID: a-1\r\nMessage: Authentication accepted",
    "Event: Newchannel\r\nChannel: PJSIP/1-0\r\nCallerIDName: 佐藤 花子".encode(),
    b"Event: Hangup\r\nUniqueid: 1.2",
]
STREAM = GREETING + b"".join(packet + b"\r\n\r\n" for packet in PACKETS)


def fed(framer: Framer, *chunks: bytes) -> list[bytes]:
    return [packet for chunk in chunks for packet in framer.feed(chunk)]


def test_whole_byte_by_byte_and_with_a_tail() -> None:
    whole, slow, tailed = Framer(), Framer(), Framer()
    assert fed(whole, STREAM) == PACKETS
    assert fed(slow, *(STREAM[i : i + 1] for i in range(len(STREAM)))) == PACKETS
    assert fed(tailed, STREAM + b"Event: Half\r\nOf: it\r\n") == PACKETS
    assert fed(tailed, b"\r\n") == [b"Event: Half\r\nOf: it"]
    assert whole.version == slow.version == tailed.version == "11.0.0"


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_any_cutting(cuts: list[int]) -> None:
    at = [0, *sorted(cuts), len(STREAM)]
    assert fed(Framer(), *(STREAM[a:b] for a, b in pairwise(at))) == PACKETS


@given(st.binary(max_size=300), st.integers(1, 20))
def test_anything_at_all_comes_out_the_same_however_cut(data: bytes, size: int) -> None:
    whole, cut = Framer(64), Framer(64)
    expected = fed(whole, data)
    assert fed(cut, *(data[i : i + size] for i in range(0, len(data), size))) == expected
    assert (whole.fault is None) == (cut.fault is None)
    for packet in expected:
        dict(Message(packet).items())
        name_of(packet)


def test_a_stream_from_mid_connection_has_no_greeting() -> None:
    framer = Framer()
    assert fed(framer, STREAM[len(GREETING) :]) == PACKETS
    assert framer.version == ""


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_an_endless_packet_is_garbled_and_what_came_before_is_kept(size: int) -> None:
    framer = Framer(max_packet_bytes=200)
    data = STREAM + b"Event: " + b"x" * 300 + b"\r\n\r\n" + PACKETS[2] + b"\r\n\r\n"
    assert fed(framer, *(data[i : i + size] for i in range(0, len(data), size))) == PACKETS
    assert framer.fault is not None
    assert "200 bytes" in str(framer.fault)
