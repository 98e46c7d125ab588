"""Rendering: a pure function whose output stays within the rules, whatever names people have."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialplan import check
from dialplan.manager import EVENTS
from dialplan.provision import CenterPlan, InboundNumber, NumberFunction, Phone, Provision, from_toml
from dialplan.render import render
from dialplan.rules import faults
from pbx_bridge.ami.decode import LIVE
from pbx_bridge.core.errors import Misconfigured
from tests.exchange import MOBILE, center, provision

PLAIN = provision(Path("/var/spool/pbx"))


def signs(function: NumberFunction, *callers: str) -> InboundNumber:
    return InboundNumber("0312340008", function, callers=callers)


def changed(**fields: object) -> Provision:
    return msgspec.structs.replace(PLAIN, **fields)


def test_the_same_record_gives_the_same_bytes() -> None:
    assert render(PLAIN) == render(provision(Path("/var/spool/pbx")))


def test_what_is_checked_in_is_what_the_example_renders(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main([]) == 0, capsys.readouterr().err


def test_a_number_allowed_twice_is_one_line() -> None:
    numbers = (signs("sign-in", MOBILE), InboundNumber("0312340007", "sign-in", callers=(MOBILE,)))
    assert render(changed(numbers=numbers))["pjsip.conf"].count(f"contact = sip:{MOBILE}@") == 1


def test_our_own_output_keeps_the_rules() -> None:
    assert faults(render(PLAIN)) == []


def test_asterisk_sends_every_event_the_bridge_decodes() -> None:
    assert set(EVENTS) == set(LIVE) | {"FullyBooted"}


@settings(max_examples=200, deadline=None)
@given(name=st.text(max_size=30), secret=st.text(max_size=30))
def test_no_name_or_secret_breaks_out_of_its_line(name: str, secret: str) -> None:
    phone = Phone("1001", "1001", secret, name)
    try:
        text = render(changed(phones=(phone,)))["pjsip.conf"]
    except Misconfigured:
        return
    plain = render(changed(phones=(Phone("1001", "1001", "s", "n"),)))["pjsip.conf"]
    assert [line.partition(" = ")[0] for line in text.split("\n")] == [
        line.partition(" = ")[0] for line in plain.split("\n")
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"phones": (Phone("10 01", "1001", "s"),)},
        {"phones": (Phone("1001", "../1001", "s"),)},
        {"phones": (Phone("1001", "1001", "s\nallow=all"),)},
        {"phones": (Phone("1001", "a", "s"), Phone("1002", "a", "s"))},
        {"phones": (Phone("1001", "carrier", "s"),)},
        {"numbers": (InboundNumber("0312340001", "center", "7999"),)},
        {"numbers": (InboundNumber("03-1234", "center", "7000"),)},
        {"numbers": (signs("sign-in", MOBILE), signs("sign-out", MOBILE))},
        {"numbers": (signs("sign-in"),)},  # open to everybody
        {"numbers": (signs("sign-out"),)},
        {"numbers": (signs("sign-in", "0570012345"),)},  # would be rung at a premium
        {"numbers": (signs("sign-in", "0012025550123"),)},  # abroad
        {"numbers": (signs("sign-in", MOBILE),), "trunks": ()},
        {"numbers": (InboundNumber("031", "sign-in", callers=("0.",)),)},
        {"centers": (CenterPlan(center(), overflow="transfer", transfer_to="0312345678"),)},
        {"outside": ("_X.",)},
        {"outside": ("0XXX!",)},
        {"recordings": "/var/spool\n[other]"},
    ],
)
def test_what_asterisk_could_misread_is_refused_whole(fields: dict[str, object]) -> None:
    with pytest.raises(Misconfigured) as refused:
        render(changed(**fields))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["node = ", 'node = "x"\n', 'node = "x"\ncodes = 3\n', "[agi]\ninner = 3\n"])
def test_a_broken_provision_is_one_line(text: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        from_toml(text)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("extensions.conf", "exten => 1,1,System(rm -rf /)"),
        ("extensions.conf", " same => n,Set(x=${SHELL(id)})"),
        ("extensions.conf", " same => n,Set(x=${EVAL(${CALLERID(name)})})"),
        ("extensions.conf", " same => n,ExecIf($[1]?TrySystem(id))"),
        ("extensions.conf", " same => n,Dial(PJSIP/${EXTEN}@carrier)"),
        ("extensions.conf", " same => n,Playback(${CALLERID(name)})"),
        ("extensions.conf", " same => n,MixMonitor(x.raw,bD,rm x)"),
        ("extensions.conf", " same => n,AGI(/tmp/script)"),
        ("extensions.conf", "exten => _.,1,Answer()"),
        ("extensions.conf", "switch => Realtime/x@y"),
        ("extensions.conf", "#exec /bin/id"),
        ("manager.conf", "write = call,system"),
        ("manager.conf", "write = all"),
        ("manager.conf", "bindaddr = 0.0.0.0"),
        ("manager.conf", "webenabled = yes"),
        ("pjsip.conf", "[anonymous]"),
    ],
)
def test_hands_that_edit_the_output_are_seen(name: str, line: str) -> None:
    files = render(PLAIN)
    assert faults(files | {name: f"{files[name]}{line}\n"}) != []


@pytest.mark.parametrize("key", ["##", "*", "*24", "*3a", ""])
def test_a_pause_key_that_cannot_work_is_refused(key: str) -> None:
    with pytest.raises(Misconfigured, match="pause_key"):
        render(changed(pause_key=key))
