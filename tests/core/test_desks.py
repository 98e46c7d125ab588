"""Who sits where, and what app_queue and the lamps are told of it."""

import pytest
from msgspec.structs import replace

from pbx_bridge.core.actions import QueueAdd, QueueRemove, SetDeviceState
from pbx_bridge.core.commands import ChangeStatus, SignIn, SignOut
from pbx_bridge.core.contexts import ASK_FIRST, FROM_CARRIER, TERMINALS, agent_lamp, outside_endpoint, status_lamp
from pbx_bridge.core.directory import Directory, Terminal
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.events import (
    BridgeEnter,
    BridgeLeave,
    BridgeMembers,
    DialBegin,
    Hangup,
    LinkDown,
    NewChannel,
    NewState,
    QueueMember,
    Seed,
)
from pbx_bridge.core.facts import AgentChanged, AgentCorrected, CallAnswered, CallStarted, SignedIn, SignedOut
from pbx_bridge.core.ids import AgentId, BootId, BridgeId, CallId, TerminalId
from pbx_bridge.core.recovery import EndedCall, OpenCall, Recovery, SignedInAgent

from .scene import CENTER, Scene, directory, in_state

ONE = AgentId(1)


def lamps(scene: Scene) -> dict[str, str]:
    """The last word on each."""
    return {lamp.device: lamp.state for lamp in scene.actions if isinstance(lamp, SetDeviceState)}


def test_who_moves_while_available_is_known_at_the_new_terminal() -> None:
    scene = Scene(directory(2))
    scene.want(SignIn(ONE, TerminalId(1), "phone"))
    scene.actions.clear()
    scene.want(SignIn(ONE, TerminalId(2), "phone"))
    assert [fact.terminal for fact in scene.told(SignedOut)] == [TerminalId(1)]
    assert scene.told(AgentChanged)[-1].terminal == TerminalId(2)
    assert [a.interface for a in scene.actions if isinstance(a, QueueRemove)] == ["PJSIP/1001"]
    assert [(a.interface, a.paused) for a in scene.actions if isinstance(a, QueueAdd)] == [("PJSIP/1002", False)]
    assert lamps(scene)[status_lamp("1001", 1)] == "NOT_INUSE"
    assert lamps(scene)[status_lamp("1002", 1)] == "INUSE"


def test_an_agent_who_takes_no_calls_is_on_hold_to_their_colleagues() -> None:
    scene = Scene(directory(1))
    scene.want(SignIn(ONE, TerminalId(1), "phone"))
    assert lamps(scene)[agent_lamp("1001")] == "NOT_INUSE"
    scene.want(ChangeStatus(ONE, "break", "phone"))
    assert lamps(scene)[agent_lamp("1001")] == "ONHOLD"
    scene.want(SignOut(ONE, "phone"))
    assert lamps(scene)[agent_lamp("1001")] == "NOT_INUSE"


def test_lamps_of_a_terminal_left_while_asterisk_was_away_go_out() -> None:
    scene = Scene(directory(1))
    scene.want(SignIn(ONE, TerminalId(1), "phone"))
    scene.hear(LinkDown("cut"))
    scene.want(SignOut(ONE, "web"))
    scene.actions.clear()
    scene.hear(Seed(BootId("boot"), (), (), (), (), ()))
    assert set(lamps(scene).values()) == {"NOT_INUSE"}


MOBILE, NUMBER, SIGN_IN_NUMBER = TerminalId(9), "09012340001", "0311119999"


def with_a_mobile() -> Directory:
    plain = directory(1)
    mobile = Terminal(MOBILE, NUMBER, outside_endpoint(NUMBER), outside=True)
    return replace(plain, terminals=(*plain.terminals, mobile), service_numbers=frozenset((SIGN_IN_NUMBER,)))


def test_a_mobile_is_rung_through_a_wire_and_talks_as_a_desk_phone() -> None:
    scene = Scene(with_a_mobile())
    scene.want(SignIn(ONE, MOBILE, "phone"))
    added = [(action.interface, action.device) for action in scene.asked(QueueAdd)]
    assert added == [(f"Local/{NUMBER}@{ASK_FIRST}", f"PJSIP/outside-{NUMBER}")]
    assert lamps(scene) == {}, "nobody's keys watch it"
    customer = scene.party("carrier", FROM_CARRIER, "0311110000", number="0900000001")
    near, far = (
        replace(scene.party("", ASK_FIRST, of=customer), channel=f"Local/{NUMBER}@{ASK_FIRST}-01;{half}")
        for half in (1, 2)
    )
    leg = scene.party(outside_endpoint(NUMBER), TERMINALS, of=customer)
    scene.hear(NewChannel(customer), NewChannel(near), NewChannel(far), DialBegin(customer, near, "m"))
    scene.hear(NewChannel(leg), DialBegin(far, leg, "m"))
    assert scene.told(AgentChanged)[-1].condition == "ringing", "a carrier need not say that it rings"
    scene.hear(NewState(in_state(leg, "Up")))
    assert scene.told(AgentChanged)[-1].condition == "ringing", "asked, and not yet put through"
    scene.bridge("near", customer, near)
    scene.bridge("far", far, leg)
    assert scene.told(CallAnswered) == []
    scene.hear(BridgeLeave(BridgeId("far"), leg), BridgeEnter(BridgeId("near"), "simple_bridge", leg))
    scene.hang_up(near, "near")
    scene.hang_up(far, "far")
    assert scene.told(AgentChanged)[-1].condition == "talking"
    assert [fact.agent for fact in scene.told(CallAnswered)] == [ONE]
    scene.hang_up(customer, "near")
    scene.hang_up(leg)
    assert scene.told(AgentChanged)[-1].condition == "wrap_up"


def test_a_mobile_that_is_found_after_a_silence_is_where_app_queue_has_it() -> None:
    """No difference is noted and nothing is sent: the interface and the device both come back as they were told."""
    scene = Scene(with_a_mobile())
    scene.want(SignIn(ONE, MOBILE, "phone"))
    add = scene.asked(QueueAdd)[-1]
    scene.actions.clear()
    member = QueueMember(add.queue, add.interface, add.member_name, 0, False, "", 1, add.device)
    scene.hear(Seed(BootId("boot"), (), (), (member,), (), ()))
    assert (scene.told(AgentCorrected), scene.asked(QueueAdd), scene.asked(QueueRemove)) == ([], [], [])


def test_a_dial_operation_from_outside_is_no_call() -> None:
    scene = Scene(with_a_mobile())
    mobile = scene.party("carrier", FROM_CARRIER, SIGN_IN_NUMBER, number=NUMBER)
    scene.hear(NewChannel(mobile), Hangup(mobile, 16))
    assert scene.told(CallStarted) == []


def test_signing_in_again_in_a_call_takes_back_what_was_to_come_after_it() -> None:
    scene = Scene(directory(2))
    scene.want(SignIn(ONE, TerminalId(1), "phone"))
    customer = scene.party("carrier", FROM_CARRIER, "0311110000", number="0900000001")
    scene.hear(NewChannel(customer))
    leg = scene.rings(customer, "1001")
    scene.bridge("b", customer, leg)
    scene.want(ChangeStatus(ONE, "break", "web"))
    assert scene.told(AgentChanged)[-1].pending == "break"
    scene.want(SignIn(ONE, TerminalId(1), "phone"))
    assert (scene.told(AgentChanged)[-1].condition, scene.told(AgentChanged)[-1].pending) == ("talking", "")
    assert len(scene.told(SignedIn)) == 1
    with pytest.raises(Refused, match="call-in-progress"):
        scene.want(SignIn(ONE, TerminalId(2), "phone"))


def test_who_signs_in_where_a_call_is_up_is_in_it_at_once() -> None:
    scene = Scene(directory(2))
    caller, called = scene.party("1002", TERMINALS, "1001"), scene.party("1001", TERMINALS)
    scene.hear(NewChannel(caller), NewChannel(called), DialBegin(caller, called, "1001"))
    for party in (caller, called):
        scene.hear(BridgeEnter(BridgeId("b"), "simple_bridge", party))
    scene.want(SignIn(ONE, TerminalId(1), "phone"))
    assert scene.told(AgentChanged)[-1].condition == "talking"


@pytest.mark.parametrize(
    ("ago", "story"),
    [
        (4.0, [("wrap_up", -4.0, 6.0)]),
        (40.0, [("wrap_up", -40.0, -30.0), ("available", -30.0, None)]),
    ],
)
def test_a_call_that_ended_while_the_bridge_was_away(ago: float, story: list[tuple[object, ...]]) -> None:
    """Wrap-up counts from the true end, and when it is over the agent has been available since."""
    world = directory(1)
    world = replace(world, centers=(replace(world.centers[0], wrap_up_seconds=10.0),))
    end = Scene(world, seeded=False).now - ago
    row = SignedInAgent(
        ONE, TerminalId(1), "available", end - 60, condition="talking", call=CallId("c"), ended=EndedCall(end, CENTER)
    )
    scene = Scene(world, Recovery(agents=(row,)))
    told = [(fact.condition, fact.at - scene.now, fact.until) for fact in scene.told(AgentChanged)]
    assert [(what, at, None if until is None else until - scene.now) for what, at, until in told] == story
    assert scene.told(AgentChanged)[0].call == CallId("c")
    queue = scene.asked(QueueAdd)[-1]
    assert queue.paused == (ago < 10)


def test_who_still_talks_after_a_restart_has_talked_all_the_while() -> None:
    before = Scene(directory(1))
    before.want(SignIn(ONE, TerminalId(1), "phone"))
    caller = before.party("carrier", FROM_CARRIER, "0311110000")
    before.hear(NewChannel(caller))
    phone = in_state(before.rings(caller, "1001"), "Up")
    before.bridge("b", caller, phone)
    call = before.told(CallStarted)[0]
    row = SignedInAgent(ONE, TerminalId(1), "available", before.now, condition="talking", call=call.call)
    open_call = OpenCall(call.call, call.boot, call.channel, "inbound", before.now, True, CENTER, None, None, ONE,
                         talks_with=ONE, state="talking", state_since=before.now)  # fmt: skip
    after = Scene(directory(1), Recovery(agents=(row,), calls=(open_call,)), seeded=False)
    after.now += 100
    bridge = BridgeMembers(BridgeId("b"), (caller.uniqueid, phone.uniqueid))
    after.hear(Seed(BootId("boot"), (caller, phone), (bridge,), (), (), ()))
    assert after.told(AgentChanged) == []
    after.hang_up(phone, "b")
    assert [(fact.condition, fact.at) for fact in after.told(AgentChanged)] == [("wrap_up", after.now)]
