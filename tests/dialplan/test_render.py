"""Rendering: a pure function whose output stays within the rules, whatever names people have."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from dialplan import check
from dialplan.manager import EVENTS
from dialplan.provision import CenterPlan, InboundNumber, NumberFunction, Phone, Provision, from_toml
from dialplan.render import render
from dialplan.rules import faults
from pbx_bridge.ami.decode import LIVE
from pbx_bridge.core.calendar import Calendar
from pbx_bridge.core.errors import Misconfigured
from pbx_bridge.core.ids import CenterId
from pbx_bridge.core.numbering import Numbering
from pbx_bridge.core.treatment import Then, Way
from tests.exchange import MOBILE, center, provision

PLAIN = provision(Path("/var/spool/pbx"))


def signs(function: NumberFunction, *callers: str) -> InboundNumber:
    return InboundNumber("0312340008", function, callers=callers)


def changed(**fields: object) -> Provision:
    """Other `numbers` stand beside the center's own."""
    if isinstance(numbers := fields.get("numbers"), tuple):
        fields["numbers"] = (InboundNumber("0312340001", "center", "7000"), *numbers)
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
        {"numbers": (InboundNumber("0312340005", "center", "7999"),)},
        {"numbers": (InboundNumber("03-1234", "center", "7000"),)},
        {"numbers": (signs("sign-in", MOBILE), signs("sign-out", MOBILE))},
        {"numbers": (signs("sign-in"),)},  # open to everybody
        {"numbers": (signs("sign-out"),)},
        {"numbers": (signs("sign-in", "0570012345"),)},  # would be rung at a premium
        {"numbers": (signs("sign-in", "0012025550123"),)},  # abroad
        {"numbers": (signs("sign-in", MOBILE),), "trunks": ()},
        {"numbers": (InboundNumber("031", "sign-in", callers=("0.",)),)},
        {"centers": (CenterPlan(center(), overflow=Way("transfer", "0312345678")),)},
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


OWN = structs.replace(center(), members=())


@pytest.mark.parametrize(
    ("plans", "says"),
    [
        ([CenterPlan(structs.replace(OWN, extension="6999"))], "7000 to 7999"),
        ([CenterPlan(structs.replace(OWN, extension="700"))], "7000 to 7999"),
        ([CenterPlan(structs.replace(OWN, name=""))], "1 to 60"),
        ([CenterPlan(structs.replace(OWN, name="長" * 61))], "1 to 60"),
        ([CenterPlan(structs.replace(OWN, strategy="fastest"))], "strategy"),
        ([CenterPlan(center())], "members"),
        ([CenterPlan(structs.replace(OWN, wrap_up_seconds=-1.0))], "negative"),
        ([CenterPlan(OWN, max_calls=-1)], "negative"),
        ([CenterPlan(structs.replace(OWN, service_level_seconds=0.0))], "service_level_seconds"),
        ([CenterPlan(structs.replace(OWN, keep_days=0))], "keep_days"),
        ([CenterPlan(OWN, overflow=Way("transfer"))], "overflow: `to`"),
        ([CenterPlan(OWN, overflow=Way("busy", "1001"))], "overflow: `to`"),
        ([CenterPlan(OWN, nobody=Way("transfer", "7999"))], "name a terminal or a center"),
        ([CenterPlan(OWN, overflow=Way("busy", say="Later."))], "`say`"),
        ([CenterPlan(OWN, overflow=Way("transfer", "7000"))], "circle"),
        ([CenterPlan(OWN, calendar=Calendar(week={"mon": ("18:00-09:00",)}))], "22:00-24:00"),
        ([CenterPlan(OWN), CenterPlan(structs.replace(OWN, id=CenterId(2), name="B"))], "number"),
        ([CenterPlan(OWN), CenterPlan(structs.replace(OWN, name="B", extension="7001", number=""))], "the id 1"),
        ([CenterPlan(OWN), CenterPlan(structs.replace(OWN, id=CenterId(2), name="B", number=""))], "both 7000"),
        ([CenterPlan(structs.replace(OWN, number="0312345678"))], "[[numbers]]"),
    ],
)
def test_a_center_that_cannot_work_is_one_line_that_says_how_to_mend_it(plans: list[CenterPlan], says: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        render(changed(centers=tuple(plans)))
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_centers_that_send_callers_round_in_a_circle_are_refused() -> None:
    ring = [("7000", "7001"), ("7001", "7002"), ("7002", "7001")]
    plans = tuple(
        CenterPlan(
            structs.replace(OWN, id=CenterId(number), name=here, extension=here, number=""),
            overflow=Way("transfer", to),
        )
        for number, (here, to) in enumerate(ring, start=1)
    )
    with pytest.raises(Misconfigured, match="circle"):
        render(changed(centers=plans, numbers=()))
    render(changed(centers=(*plans[:2], structs.replace(plans[2], overflow=Way("busy"))), numbers=()))


@pytest.mark.parametrize(
    ("numbering", "says"),
    [
        (Numbering(country_code="+81"), "country_code '+81'"),
        (Numbering(country_code="081"), "country_code '081'"),
        (Numbering(trunk_prefix="x"), "trunk_prefix 'x'"),
        (Numbering(international_prefixes=("010", "")), "international prefix ''"),
    ],
)
def test_a_country_that_does_not_exist_is_one_line(numbering: Numbering, says: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        render(changed(numbering=numbering))
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_numbers_may_be_written_as_people_write_them() -> None:
    whole = (check.HOME / "provision.toml").read_text("utf-8")
    plain = from_toml(whole)
    mobile = plain.numbers[-1].callers[0]
    written = whole.replace(mobile, f"+81 {mobile[1:3]}-{mobile[3:7]}-{mobile[7:]}").replace(
        "0312340001", "03-1234-0001"
    )
    assert render(from_toml(written)) == render(plain)


@pytest.mark.parametrize("text", ["[numbering]\ncountry = '81'\n", "[sip]\nadress = '127.0.0.1'\n"])
def test_a_misspelt_key_is_told(text: str) -> None:
    with pytest.raises(Misconfigured, match="is no setting here"):
        from_toml('node = "x"\n' + text)


@pytest.mark.parametrize("text", ["overflow_second = 3", 'overflow = { than = "busy" }', "calendar = { weeks = {} }"])
def test_a_misspelt_key_of_a_center_is_told(text: str) -> None:
    whole = (check.HOME / "provision.toml").read_text("utf-8")
    with pytest.raises(Misconfigured):
        from_toml(whole.replace('language = "en"\noverflow = { then', f"{text}\noverflow = {{ then"))


def test_every_way_out_of_a_center_keeps_the_rules() -> None:
    calendar = Calendar(zone="Europe/Berlin", week={"mon-fri": ("09:00-17:00",)}, holiday=())
    kinds: tuple[Then, ...] = ("guidance", "busy", "voicemail", "callback")
    for then in (*kinds, "transfer"):
        way = Way("transfer", "1001") if then == "transfer" else Way(then)
        plan = CenterPlan(
            OWN,
            calendar=calendar,
            max_calls=3,
            max_waiting=2,
            closed=way,
            full=way,
            nobody=way,
            overflow=way,
            music="/m",
        )
        files = render(changed(centers=(plan,)))
        assert faults(files) == []
        assert "[center-7000]\nmode = files\ndirectory = /m\n" in files["musiconhold.conf"]
