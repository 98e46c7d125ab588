"""What may be written to Asterisk."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from panoramisk.actions import Action as TheirAction

from pbx_bridge.ami.encode import packet, wire
from pbx_bridge.core.actions import HangUp, Originate, QueueAdd, QueuePause, SetDeviceState, SetVariable
from pbx_bridge.core.errors import Garbled
from pbx_bridge.core.ids import AttemptId, ChannelId


def originate(name: str = "Taro", variables: tuple[tuple[str, str], ...] = ()) -> Originate:
    return Originate(
        AttemptId("a1"), ChannelId("attempt-a1"), "PJSIP/+81501@trunk", "campaign", "s", "+8150", name, 30000, variables
    )


def test_one_action_on_the_wire() -> None:
    name, headers = wire(QueuePause("PJSIP/1001", paused=True, reason="break"))
    assert packet(name, "act-1", headers) == (
        b"Action: QueuePause\r\nActionID: act-1\r\nInterface: PJSIP/1001\r\nPaused: true\r\nReason: break\r\n\r\n"
    )


async def test_a_line_break_in_a_value_is_refused() -> None:
    evil = "Taro\r\n\r\nAction: Originate\r\nChannel: PJSIP/+1900"
    name, headers = wire(originate(evil))
    with pytest.raises(Garbled, match=r"CallerID: control character U\+000D"):
        packet(name, "a1", headers)
    assert "\r\n\r\nAction: Originate" in str(
        TheirAction({"Action": "Originate", "CallerID": evil})
    )  # panoramisk's way


@given(st.text(max_size=20), st.text(max_size=20))
def test_every_packet_is_one_packet(reason: str, interface: str) -> None:
    name, headers = wire(QueueAdd("7001", interface, "Taro", 0, False, reason))
    try:
        data = packet(name, "act-1", headers)
    except Garbled:
        assert any(ord(c) < 0x20 or ord(c) == 0x7F for c in reason + interface)
    except UnicodeEncodeError:
        pytest.fail("surrogates must be a typed refusal")
    else:
        assert data.count(b"\r\n\r\n") == 1
        assert data.count(b"\n") == data.count(b"\r\n") == len(headers) + 3


@pytest.mark.parametrize("name", ["", "lower", "1A", "A" * 65, "A,B", "A=B", "_A", "SHELL(rm)", "A B"])
def test_only_our_own_variables(name: str) -> None:
    with pytest.raises(Garbled, match="variable"):
        wire(SetVariable(name, "1"))
    with pytest.raises(Garbled, match="variable"):
        wire(originate(variables=((name, "1"),)))


def test_a_comma_does_not_start_a_second_variable() -> None:
    _, headers = wire(originate(variables=(("LEAD", 'x,EVIL=1,"y\\'),)))
    assert ("Variable", 'LEAD=x\\,EVIL=1\\,\\"y\\\\') in headers


def test_the_one_function_that_may_be_set() -> None:
    assert wire(SetDeviceState("Custom:lamp-1001", "INUSE"))[1][0] == ("Variable", "DEVICE_STATE(Custom:lamp-1001)")
    with pytest.raises(Garbled, match="device"):
        wire(SetDeviceState("Custom:x),SHELL(rm", "INUSE"))


def test_hang_up_says_why() -> None:
    assert wire(HangUp("PJSIP/1-0", 21)) == ("Hangup", [("Channel", "PJSIP/1-0"), ("Cause", "21")])
