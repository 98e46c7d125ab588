"""After an attended transfer the recorder begins anew; asked for in a conversation, and until it did."""

from pbx_bridge.core import contexts, events
from pbx_bridge.core.actions import RecordAnew
from pbx_bridge.core.ids import BridgeId

from .scene import Scene, in_state
from .test_calls import inbound, signed_in


def handed_over(scene: Scene, *, recorded: bool, answered: bool) -> tuple[events.Party, events.Party]:
    """The customer, and the colleague they were handed to."""
    caller = inbound(scene)
    phone = scene.rings(caller, "1001")
    scene.bridge("b", caller, in_state(phone, "Up"))
    if recorded:
        scene.hear(events.RecordingStarted(caller))
    consult = scene.party("1001", contexts.TERMINALS, "1002")
    scene.hear(events.NewChannel(consult))
    other = scene.rings(consult, "1002")
    if answered:
        scene.bridge("c", consult, in_state(other, "Up"))
        scene.bridge("b", other)
    scene.hear(events.BridgeLeave(BridgeId("b"), phone))
    scene.hear(events.AttendedTransfer(phone, consult, caller, other, "Success"))
    scene.hear(events.Hangup(phone, 16))
    return caller, other


def test_the_recorder_begins_anew() -> None:
    scene = signed_in()
    caller, _ = handed_over(scene, recorded=True, answered=True)
    assert scene.asked(RecordAnew) == [RecordAnew(caller.channel)]
    scene.hear(events.RecordingStarted(caller))
    scene.wait(10)
    assert len(scene.asked(RecordAnew)) == 1


def test_handed_to_a_phone_that_rings_it_begins_anew_when_the_two_are_talking() -> None:
    scene = signed_in()
    caller, other = handed_over(scene, recorded=True, answered=False)
    assert scene.asked(RecordAnew) == []
    scene.bridge("b", in_state(other, "Up"))
    assert scene.asked(RecordAnew) == [RecordAnew(caller.channel)]
    scene.hear(events.RecordingStarted(caller))
    scene.wait(10)
    assert len(scene.asked(RecordAnew)) == 1


def test_it_is_asked_for_again_until_it_has_begun() -> None:
    scene = signed_in()
    caller, _ = handed_over(scene, recorded=True, answered=True)
    scene.wait(2.1)
    assert len(scene.asked(RecordAnew)) == 2
    scene.hear(events.RecordingStarted(caller))
    scene.wait(10)
    assert len(scene.asked(RecordAnew)) == 2


def test_nobody_asks_once_the_call_is_over() -> None:
    scene = signed_in()
    caller, other = handed_over(scene, recorded=True, answered=False)
    scene.hang_up(other)
    scene.hang_up(caller, "b")
    scene.wait(10)
    assert scene.asked(RecordAnew) == []


def test_a_call_that_is_not_recorded_stays_so() -> None:
    scene = signed_in()
    handed_over(scene, recorded=False, answered=True)
    assert scene.asked(RecordAnew) == []
