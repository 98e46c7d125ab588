"""What a recording may tell, and its shape."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_bridge.ami.decode import Decoder
from pbx_bridge.ami.framing import Framer
from pbx_bridge.ami.recording import Recorder, events, packets
from pbx_bridge.ami.scrub import Scrubber
from pbx_bridge.core.errors import Garbled
from pbx_bridge.core.events import LinkDown, Seed
from pbx_bridge.core.ids import BootId


def scrubbed(*raw: str) -> list[str]:
    scrubber = Scrubber(b"salt")
    return [scrubber.packet(each.encode()).decode() for each in raw]


def test_stand_ins_are_consistent_and_of_the_same_length() -> None:
    caller = "CallerIDNum: +819012345678\r\nCallerIDName: 佐藤 Taro"
    first = f"Event: Newchannel\r\n{caller}\r\nExten: 7001\r\nUniqueid: 1763800000.12"
    second = "Event: DialBegin\r\nDialString: 819012345678@trunk\r\nDestCallerIDName: Mr 佐藤 Taro"
    one, two = scrubbed(first, second)
    assert len(one.encode()) == len(first.encode())
    assert len(two.encode()) == len(second.encode())
    assert "9012345678" not in one + two
    assert "佐藤" not in one
    number = one.partition("CallerIDNum: +")[2].partition("\r\n")[0]
    assert f"DialString: {number}@trunk" in two
    assert "Exten: 7001" in one
    assert "Uniqueid: 1763800000.12" in one


@pytest.mark.parametrize(
    ("raw", "hidden"),
    [
        ("Event: VarSet\r\nVariable: DIAL_PASSWORD\r\nValue: 482913", "482913"),
        ("Event: DTMFEnd\r\nDigit: 7", "Digit: 7"),
        ("Response: Success\r\nChallenge: 13131313", "13131313"),
        ("Event: ContactStatus\r\nURI: sip:1001@192.168.7.31:5060", "192.168.7.31"),
        ("Event: Newchannel\r\nChannel: PJSIP/+819012345678@trunk-0001", "9012345678"),
    ],
)
def test_hidden(raw: str, hidden: str) -> None:
    (out,) = scrubbed(raw)
    assert hidden not in out
    assert len(out) == len(raw)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=30))
def test_a_packet_stays_a_packet(value: str) -> None:
    raw = f"Event: X\r\nCallerIDName: {value}\r\nOther: {value}"
    (out,) = scrubbed(raw)
    assert Framer().feed(out.encode() + b"\r\n\r\n") == [out.encode()]
    assert out.count("\r\n") == 2


def test_clock_cut_and_seed_come_back() -> None:
    recorder = Recorder(Scrubber(b"salt"))
    seed = Seed(BootId("recorded"), (), (), (), (), ())
    data = recorder.seed(seed, 0.5) + recorder.batch([b"Event: BridgeDestroy\r\nBridgeUniqueid: b1"], 1.25)
    data += recorder.down("cut", 2.0)
    decoder = Decoder()
    assert [(at, type(event).__name__) for at, event in events(packets(data), decoder)] == [
        (0.5, "Seed"),
        (1.25, "BridgeDestroy"),
        (2.0, "LinkDown"),
    ]
    assert list(events(packets(data), decoder))[2][1] == LinkDown("cut")
    assert not decoder.unknown


@pytest.mark.parametrize("broken", [b"At: soon", b"Link: down", b"At: 1\r\nSeed: {"])
def test_a_broken_clock_is_garbled(broken: bytes) -> None:
    name = b"PbxBridgeSeed" if b"Seed" in broken else b"PbxBridgeClock"
    with pytest.raises(Garbled):
        list(events([b"Event: " + name + b"\r\n" + broken], Decoder()))
