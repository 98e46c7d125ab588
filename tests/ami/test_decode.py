"""Headers of Asterisk 22 as the core's events."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_bridge.ami.decode import EVERYTHING, LIVE, Decoder
from pbx_bridge.core import events
from pbx_bridge.core.directory import Directory
from pbx_bridge.core.ids import BootId, ChannelId, NodeId
from pbx_bridge.core.switchboard import Switchboard
from pbx_bridge.parts import asterisk


def channel(prefix: str = "", uniqueid: str = "1.1", name: str = "<unknown>") -> str:
    headers = {
        "Channel": "PJSIP/1001-00000001",
        "ChannelState": "6",
        "ChannelStateDesc": "Up",
        "CallerIDNum": "1001",
        "CallerIDName": name,
        "ConnectedLineNum": "<unknown>",
        "ConnectedLineName": "<unknown>",
        "Language": "ja",
        "AccountCode": "",
        "Context": "terminals",
        "Exten": "7001",
        "Priority": "3",
        "Uniqueid": uniqueid,
        "Linkedid": "1.1",
    }
    return "".join(f"\r\n{prefix}{header}: {value}" for header, value in headers.items())


def decoded(text: str) -> events.Event:
    decoder = Decoder(EVERYTHING)
    found = decoder.decode([text.encode()])
    assert not decoder.garbled, decoder.last_fault
    assert not decoder.unknown
    assert len(found) == 1
    return found[0]


def test_what_is_not_heard_live_is_nothing_to_the_switchboard() -> None:
    for name in EVERYTHING - LIVE:
        parts = "".join(channel(prefix) for prefix in ("", "Dest", "Spyer", "Spyee"))
        raw = f"Event: {name}{parts}\r\nQueue: center-7001\r\nInterface: PJSIP/1001\r\nDevice: PJSIP/1001\r\nState: 1"
        event = decoded(raw)
        switchboard = Switchboard(NodeId("n"), Directory())
        switchboard.apply(events.Seed(BootId("b"), (), (), (), (), ()), 1.0)
        outcome = switchboard.apply(event, 2.0)
        if not isinstance(event, events.NewExten):  # left out for its volume alone
            assert not outcome.facts, name
            assert not outcome.actions, name


def test_hangup() -> None:
    event = decoded(f"Event: Hangup\r\nPrivilege: call,all{channel()}\r\nCause: 16\r\nCause-txt: Normal Clearing")
    assert isinstance(event, events.Hangup)
    assert event.cause == 16
    assert event.party.uniqueid == ChannelId("1.1")
    assert event.party.caller_name == event.party.connected_number == ""


def test_a_callers_name_is_read_as_it_was_written() -> None:
    escaped = r"Sato \"Taro\" C:\\"
    event = decoded(f"Event: Newchannel{channel(name=escaped)}")
    assert isinstance(event, events.NewChannel)
    assert event.party.caller_name == 'Sato "Taro" C:\\'


def test_a_dial_out_of_nowhere_has_no_caller() -> None:
    event = decoded(f"Event: DialBegin{channel('Dest', '1.2')}\r\nDialString: 1001")
    assert isinstance(event, events.DialBegin)
    assert event.caller is None
    assert event.dest.uniqueid == "1.2"


def test_our_own_user_event_keeps_its_own_headers_only() -> None:
    event = decoded(
        f"Event: UserEvent\r\nPrivilege: user,all{channel()}\r\nUserEvent: Answered\r\nAttempt: a1\r\nJob: 7"
    )
    assert isinstance(event, events.UserEvent)
    assert event.name == "Answered"
    assert event.fields == {"Attempt": "a1", "Job": "7"}


def test_an_originate_is_matched_by_its_action() -> None:
    event = decoded("Event: OriginateResponse\r\nActionID: a1\r\nResponse: Failure\r\nReason: 5\r\nUniqueid: <null>")
    assert isinstance(event, events.OriginateResponse)
    assert (event.action_id, event.succeeded, event.reason) == ("a1", False, 5)


def test_unknown_and_garbled_are_counted_and_stop_nothing() -> None:
    decoder = Decoder()
    packets = [
        b"Event: Novelty\r\nX: 1",
        b"Event: Hangup\r\nUniqueid: 1.1",
        f"Event: Hangup{channel()}\r\nCause: many".encode(),
        b"Response: Success",
        f"Event: Hangup{channel()}\r\nCause: 17".encode(),
    ]
    assert [type(each) for each in decoder.decode(packets)] == [events.Hangup]
    assert decoder.unknown["Novelty"] == 1
    assert decoder.garbled == {"Hangup": 2}
    assert "Cause" in decoder.last_fault


@given(st.lists(st.one_of(st.binary(max_size=60), st.sampled_from([f"Event: {name}".encode() for name in LIVE]))))
def test_anything_is_an_event_or_counted(packets: list[bytes]) -> None:
    decoder = Decoder()
    found = decoder.decode(packets)
    counted = decoder.unknown.total() + decoder.garbled.total()
    assert len(found) + counted <= len(packets)


@given(st.data())
def test_what_was_passed_over_before_never_hides_what_comes_after(data: st.DataObject) -> None:
    """Names that begin alike, cut anywhere: a decoder that has seen much says what a new one says."""
    name = st.sampled_from(
        ["VarSet", "VarSetting", "Hangup", "HangupRequest", "HangupHandlerRun", "RTCPSent", "N" * 60]
    )
    rest = st.sampled_from(["", "\r\n", "\r\nPrivilege: call,all", f"{channel()}\r\nCause: 16", "\r\nActionID: 7"])
    whole = st.builds(
        lambda first, name, rest: f"{first}{name}{rest}".encode(), st.sampled_from(["Event: ", "event: "]), name, rest
    )
    packets = data.draw(
        st.lists(st.builds(lambda packet, size: packet[:size], whole, st.integers(0, 300)), max_size=40)
    )
    experienced = Decoder()
    experienced.decode(packets)
    experienced.unknown.clear()
    experienced.garbled.clear()
    fresh = [Decoder() for _ in packets]
    expected = [event for decoder, packet in zip(fresh, packets, strict=True) for event in decoder.decode([packet])]
    assert experienced.decode(packets) == expected
    assert experienced.unknown == sum((each.unknown for each in fresh), Counter())
    assert experienced.garbled == sum((each.garbled for each in fresh), Counter())


def test_every_event_that_asterisk_documents_is_known() -> None:
    install = asterisk.find_or_fetch(lambda line: None)
    (documentation,) = install.data_dir.glob("documentation/core-en_US.xml")
    # The file carries entities of its own that an XML parser would need its DTD for.
    names = set(re.findall(r'<managerEvent [^>]*name="([^"]+)"', documentation.read_text()))
    assert len(names) > 150
    decoder = Decoder()
    decoder.decode([f"Event: {name}\r\nPrivilege: x".encode() for name in names - {"NewExten"}])  # sent as Newexten
    assert not decoder.unknown


@pytest.mark.parametrize("state", ["0", "1"])
def test_a_muted_recording(state: str) -> None:
    event = decoded(f"Event: MixMonitorMute{channel()}\r\nDirection: both\r\nState: {state}")
    assert isinstance(event, events.RecordingMuted)
    assert event.muted == (state == "1")
