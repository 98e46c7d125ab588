"""Calls out of channels."""

import pytest

from pbx_bridge.core import contexts, events
from pbx_bridge.core.actions import MuteRecording
from pbx_bridge.core.commands import ChangeStatus, PauseRecording, Reconfigure, SignIn
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.facts import (
    AgentChanged,
    CallAnswered,
    CallEnded,
    CallEvent,
    CallStarted,
    CallTransferred,
    SignedOut,
)
from pbx_bridge.core.ids import AgentId, BootId, BridgeId, NodeId, TerminalId, call_id
from pbx_bridge.core.recovery import OpenCall, Recovery

from .scene import CENTER, Scene, directory, in_state

ONE = AgentId(1)


def signed_in(agents: int = 2) -> Scene:
    scene = Scene(directory(agents))
    for number in range(1, agents + 1):
        scene.want(SignIn(AgentId(number), TerminalId(number), "phone"))
    return scene


def inbound(scene: Scene) -> events.Party:
    caller = scene.party("carrier", contexts.FROM_CARRIER, "0311110000", number="05012345678")
    scene.hear(events.NewChannel(caller), events.QueueCallerJoin(caller, "center-7001", 1))
    scene.now += 3
    return caller


def test_an_inbound_call_answered_and_hung_up_by_the_customer() -> None:
    scene = signed_in()
    caller = inbound(scene)
    phone = scene.rings(caller, "1001")
    scene.now += 2
    scene.hear(events.QueueCallerLeave(caller, "center-7001"))
    scene.bridge("b", caller, in_state(phone, "Up"))
    scene.now += 60
    scene.hang_up(caller, "b")
    scene.hang_up(phone, "b")
    (started,), (answered,), (ended,) = scene.told(CallStarted), scene.told(CallAnswered), scene.told(CallEnded)
    assert started.call == call_id(NodeId("main"), BootId("boot"), caller.uniqueid)
    assert (started.direction, started.from_number, started.to_number) == ("inbound", "05012345678", "0311110000")
    assert (answered.agent, answered.waited) == (ONE, 5.0)
    assert (ended.result, ended.ended_by) == ("answered", "customer")
    assert [fact.kind for fact in scene.told(CallEvent)] == ["queued", "offered", "left_queue"]
    conditions = [fact.condition for fact in scene.told(AgentChanged) if fact.agent == ONE]
    assert conditions == ["available", "ringing", "talking", "wrap_up"]
    scene.wait(15.2)
    assert scene.told(AgentChanged)[-1].condition == "available"


def test_an_abandoned_call_rings_and_leaves_the_agent_available() -> None:
    scene = signed_in()
    caller = inbound(scene)
    phone = scene.rings(caller, "1001")
    scene.hang_up(caller)
    scene.hang_up(phone)
    assert scene.told(CallEnded)[0].result == "abandoned"
    assert scene.told(AgentChanged)[-1].condition == "available"


def test_break_during_a_call_begins_at_hang_up_without_wrap_up() -> None:
    scene = signed_in()
    caller = inbound(scene)
    phone = scene.rings(caller, "1001")
    scene.bridge("b", caller, in_state(phone, "Up"))
    scene.want(ChangeStatus(ONE, "break", "web"))
    assert scene.told(AgentChanged)[-1].pending == "break"
    scene.hang_up(phone, "b")
    assert (scene.told(AgentChanged)[-1].condition, scene.told(AgentChanged)[-1].status) == ("paused", "break")
    assert scene.told(CallEnded) == []
    scene.hang_up(caller)
    assert scene.told(CallEnded)[0].ended_by == "agent"


def test_log_off_during_a_call_signs_out_after_it() -> None:
    scene = signed_in()
    caller = inbound(scene)
    phone = scene.rings(caller, "1001")
    scene.bridge("b", caller, in_state(phone, "Up"))
    scene.want(ChangeStatus(ONE, "logged_off", "phone"))
    assert scene.told(SignedOut) == []
    scene.hang_up(phone, "b")
    assert scene.told(SignedOut)[0].agent == ONE


def test_an_outgoing_call_is_the_agents_own() -> None:
    scene = signed_in()
    caller = scene.party("1001", contexts.TERMINALS, "05099990000", number="1001")
    scene.hear(events.NewChannel(caller))
    assert scene.told(CallStarted) == []
    dest = scene.party("carrier", contexts.FROM_CARRIER, of=caller)
    scene.hear(events.DialBegin(caller, dest, "05099990000@carrier"))
    assert scene.told(CallStarted)[0].direction == "outbound"
    assert scene.told(AgentChanged)[-1].condition == "outgoing"
    scene.hear(events.DialEnd(caller, dest, "BUSY"))
    scene.hang_up(dest, cause=17)
    scene.hang_up(caller, cause=17)
    assert scene.told(CallEnded)[0].result == "busy"
    assert scene.told(AgentChanged)[-1].condition == "available"


def test_a_dial_code_is_no_call() -> None:
    scene = signed_in()
    caller = scene.party("1001", contexts.TERMINALS, "0021")
    scene.hear(events.NewChannel(caller), events.NewState(in_state(caller, "Up")))
    scene.hang_up(caller)
    assert scene.told(CallStarted) == []
    assert scene.told(CallEnded) == []


def test_a_blind_transfer_goes_on_as_one_call_with_the_next_agent() -> None:
    scene = signed_in()
    caller = inbound(scene)
    phone = scene.rings(caller, "1001")
    scene.bridge("b", caller, in_state(phone, "Up"))
    scene.hear(events.BlindTransfer(phone, caller, "1002", "Success"))
    scene.hang_up(phone, "b")
    scene.hear(events.BridgeLeave(b_id := BridgeId("b"), caller))
    other = scene.rings(caller, "1002")
    scene.bridge("c", caller, in_state(other, "Up"))
    scene.hang_up(other, "c")
    scene.hang_up(caller, "c")
    assert b_id == "b"
    assert [fact.kind for fact in scene.told(CallTransferred)] == ["blind"]
    assert [fact.agent for fact in scene.told(CallEvent) if fact.kind == "joined"] == [AgentId(2)]
    assert len(scene.told(CallStarted)) == len(scene.told(CallEnded)) == 1


def test_an_attended_transfer_ends_the_consultation_and_keeps_the_first_call() -> None:
    scene = signed_in()
    caller = inbound(scene)
    phone = scene.rings(caller, "1001")
    scene.bridge("b", caller, in_state(phone, "Up"))
    consult = scene.party("1001", contexts.TERMINALS, "1002")
    scene.hear(events.NewChannel(consult))
    other = scene.rings(consult, "1002")
    scene.bridge("c", consult, in_state(other, "Up"))
    scene.hear(events.AttendedTransfer(phone, consult, caller, other, "Success"))
    scene.bridge("b", other)
    scene.hang_up(phone, "b")
    scene.hang_up(consult, "c")
    scene.hang_up(other, "b")
    scene.hang_up(caller, "b")
    assert [fact.kind for fact in scene.told(CallTransferred)] == ["attended"]
    assert len(scene.told(CallStarted)) == len(scene.told(CallEnded)) == 2
    first = scene.told(CallStarted)[0].call
    assert scene.told(CallEnded)[-1].call == first


def test_a_seed_without_the_channel_ends_the_call_as_lost() -> None:
    scene = signed_in()
    inbound(scene)
    scene.hear(events.LinkDown("cut"), events.Seed(BootId("boot"), (), (), (), (), ()))
    assert scene.told(CallEnded)[0].result == "lost"


def test_a_seed_with_the_channel_goes_on_as_if_nothing_had_been() -> None:
    scene = signed_in()
    caller = inbound(scene)
    phone = scene.rings(caller, "1001")
    up = in_state(phone, "Up")
    scene.hear(events.LinkDown("cut"))
    members = events.BridgeMembers(BridgeId("b"), (caller.uniqueid, up.uniqueid))
    scene.hear(events.Seed(BootId("boot"), (in_state(caller, "Up"), up), (members,), (), (), ()))
    assert scene.told(CallAnswered)[0].agent == ONE
    assert scene.told(AgentChanged)[-1].condition == "talking"
    scene.hang_up(up, "b")
    scene.hang_up(caller, "b")
    assert len(scene.told(CallStarted)) == len(scene.told(CallEnded)) == 1
    assert scene.told(CallStarted)[0].center == CENTER
    assert scene.told(CallEvent)[0].center == CENTER


def test_a_caller_found_waiting_by_the_seed_has_waited_since_asterisk_says() -> None:
    scene = signed_in()
    caller = scene.party("carrier", contexts.FROM_CARRIER, "0311110000", number="05012345678")
    entry = events.QueueEntry("center-7001", caller.uniqueid, caller.channel, 1, 12)
    scene.hear(events.LinkDown("cut"), events.Seed(BootId("boot"), (caller,), (), (), (entry,), ()))
    (queued,) = [fact for fact in scene.told(CallEvent) if fact.kind == "queued"]
    assert (queued.center, queued.at) == (CENTER, scene.now - 12)


def test_a_paused_recording_is_muted_and_goes_on_by_itself() -> None:
    scene = signed_in()
    caller = inbound(scene)
    phone = scene.rings(caller, "1001")
    scene.bridge("b", caller, in_state(phone, "Up"))
    call = scene.told(CallStarted)[0].call
    with pytest.raises(Refused, match="not-recorded"):
        scene.want(PauseRecording(call, "phone", ONE))
    scene.hear(events.RecordingStarted(caller))
    scene.want(PauseRecording(call, "phone", ONE))
    assert scene.asked(MuteRecording) == [MuteRecording(caller.channel, True)]
    scene.want(PauseRecording(call, "web", ONE, pause=True))
    assert len(scene.asked(MuteRecording)) == 1
    scene.wait(119)
    assert len(scene.asked(MuteRecording)) == 1
    scene.wait(1.5)
    assert scene.asked(MuteRecording)[-1] == MuteRecording(caller.channel, False)
    kinds = [fact.kind for fact in scene.told(CallEvent) if fact.kind.startswith("recording")]
    assert kinds == ["recording_paused", "recording_resumed"]
    scene.hear(events.UserEvent(contexts.PAUSE_RECORDING, in_state(phone, "Up"), {}))
    assert scene.asked(MuteRecording)[-1] == MuteRecording(caller.channel, True)


def test_a_recorder_that_begins_in_a_pause_is_silent_too() -> None:
    """The caller is handed on to another center, whose queue starts one of its own."""
    scene = signed_in()
    caller = inbound(scene)
    scene.bridge("b", caller, in_state(scene.rings(caller, "1001"), "Up"))
    scene.hear(events.RecordingStarted(caller))
    scene.want(PauseRecording(scene.told(CallStarted)[0].call, "phone", ONE))
    scene.hear(events.RecordingStopped(caller), events.RecordingStarted(caller))
    assert scene.asked(MuteRecording) == [MuteRecording(caller.channel, True)] * 2


def test_an_account_that_is_removed_is_signed_out() -> None:
    scene = signed_in()
    scene.want(Reconfigure(directory(1)))
    assert [fact.agent for fact in scene.told(SignedOut)] == [AgentId(2)]
    scene.want(ChangeStatus(ONE, "break", "web"))


def test_a_pause_from_before_a_restart_ends_at_its_time() -> None:
    caller = Scene(directory(1)).party("carrier", contexts.FROM_CARRIER, "0311110000")
    begun = 1_800_000_000.0
    id = call_id(NodeId("main"), BootId("boot"), caller.uniqueid)
    row = OpenCall(
        id, BootId("boot"), caller.uniqueid, "inbound", begun, True, CENTER, None, None, ONE,
        recorder=caller.uniqueid, paused_at=begun - 30,
    )  # fmt: skip
    scene = Scene(directory(1), Recovery(calls=(row,)), seeded=False)
    scene.hear(events.Seed(BootId("boot"), (in_state(caller, "Up"),), (), (), (), ()))
    scene.wait(89)
    assert scene.asked(MuteRecording) == []
    scene.wait(2)
    assert scene.asked(MuteRecording) == [MuteRecording(caller.channel, False)]


def from_outside(scene: Scene) -> events.Party:
    caller = scene.party("carrier", contexts.FROM_CARRIER, "0311110000", number="05012345678")
    scene.hear(events.NewChannel(caller))
    return caller


def turned_away(caller: events.Party, why: str, then: str) -> events.UserEvent:
    return events.UserEvent(contexts.TURNED_AWAY, caller, {"Why": why, "Then": then})


@pytest.mark.parametrize(
    ("why", "then", "result"),
    [("closed", "guidance", "closed"), ("full", "busy", "abandoned"), ("nobody", "voicemail", "abandoned")],
)
def test_whom_a_center_does_not_take_is_its_call_all_the_same(why: str, then: str, result: str) -> None:
    scene = signed_in()
    caller = from_outside(scene)
    scene.hear(turned_away(caller, why, then))
    scene.hang_up(caller)
    (ended,) = scene.told(CallEnded)
    assert ended.result == result
    assert [(fact.kind, fact.center, fact.detail) for fact in scene.told(CallEvent)] == [("turned_away", CENTER, why)]


def test_a_caller_who_asks_to_be_called_back_has_said_so() -> None:
    scene = signed_in()
    caller = inbound(scene)
    scene.hear(turned_away(caller, "late", "callback"), events.UserEvent(contexts.CALLBACK_ASKED, caller, {}))
    scene.hang_up(caller)
    assert [fact.kind for fact in scene.told(CallEvent)] == [
        "queued",
        "turned_away",
        "callback_offered",
        "callback_asked",
    ]
    assert [fact.result for fact in scene.told(CallEnded)] == ["callback"]


def test_a_call_to_a_phone_that_is_not_there_is_a_call() -> None:
    """Asterisk has no channel to make, and tells of no dial."""
    scene = signed_in()
    caller = scene.party("1001", contexts.TERMINALS, "1002", number="1001")
    code = scene.party("1001", contexts.TERMINALS, "0010", number="1001")
    scene.hear(events.NewChannel(caller), events.NewChannel(code))
    scene.hang_up(code)
    scene.hang_up(caller, cause=20)
    (started,), (ended,) = scene.told(CallStarted), scene.told(CallEnded)
    assert (started.direction, started.from_number, started.to_number, started.agent) == (
        "internal", "1001", "1002", ONE,
    )  # fmt: skip
    assert (ended.call, ended.result) == (started.call, "failed")


@pytest.mark.parametrize("dialed", ["0312345678", "09012345678", "0990123456", "0101212555010"])
def test_a_call_through_a_trunk_that_is_not_there_is_a_call(dialed: str) -> None:
    scene = signed_in()
    caller = scene.party("1001", contexts.TERMINALS, dialed, number="1001")
    scene.hear(events.NewChannel(caller))
    scene.hang_up(caller, cause=21)
    (started,), (ended,) = scene.told(CallStarted), scene.told(CallEnded)
    assert (started.direction, started.to_number, ended.result) == ("outbound", dialed, "failed")


def test_a_trunk_may_have_any_name() -> None:
    scene = signed_in()
    caller = scene.party("1001", contexts.TERMINALS, "0312345678", number="1001")
    dest = scene.party("ntt-east", contexts.FROM_CARRIER, of=caller)
    scene.hear(events.NewChannel(caller), events.DialBegin(caller, dest, "0312345678@ntt-east"))
    (started,) = scene.told(CallStarted)
    assert started.direction == "outbound"


def test_sent_on_from_a_closed_center_and_queued_elsewhere_is_no_closed_call() -> None:
    scene = signed_in()
    caller = from_outside(scene)
    scene.hear(turned_away(caller, "closed", "transfer"), events.QueueCallerJoin(caller, "center-7001", 1))
    scene.hang_up(caller)
    (ended,) = scene.told(CallEnded)
    assert ended.result == "abandoned"
