"""A call goes from hand to hand: who has it, since when, and who let it go. The streams tell what Asterisk says."""

from pbx_bridge.core import contexts, events
from pbx_bridge.core.board import CallRow
from pbx_bridge.core.commands import SignIn
from pbx_bridge.core.facts import AgentChanged, CallAnswered, CallEnded, CallEvent, CallStarted
from pbx_bridge.core.ids import AgentId, BridgeId, TerminalId
from pbx_bridge.core.projection import Board
from pbx_bridge.core.recovery import Recovery

from .scene import Scene, directory, in_state
from .test_calls import inbound

ONE, TWO = AgentId(1), AgentId(2)
NOBODYS = "1003"
"""A terminal where nobody is signed in."""
Said = list[tuple[str, AgentId | None, str]]


def office() -> Scene:
    scene = Scene(directory(3))
    for number in (1, 2):
        scene.want(SignIn(AgentId(number), TerminalId(number), "phone"))
    return scene


def answered(scene: Scene, caller: events.Party, endpoint: str = "1001", bridge: str = "b") -> events.Party:
    phone = in_state(scene.rings(caller, endpoint), "Up")
    scene.hear(events.DialEnd(caller, phone, "ANSWER"))
    scene.bridge(bridge, phone, caller)
    return phone


def hand_over(scene: Scene, transferer: events.Party, other: events.Party, to: str) -> None:
    """A blind transfer as Asterisk tells it."""
    scene.hear(events.BlindTransfer(transferer, other, to, "Success"))
    for party in (transferer, other):
        scene.hear(events.BridgeLeave(BridgeId("b"), party))
    scene.hear(events.Hangup(transferer, 16))
    scene.now += 2


def handed_over(to: str) -> tuple[Scene, events.Party]:
    """A customer whom agent 1 has just sent on."""
    scene = office()
    caller = inbound(scene)
    phone = answered(scene, caller)
    scene.now += 5
    hand_over(scene, phone, caller, to)
    return scene, caller


def after(scene: Scene, kind: str) -> Said:
    return [(fact.kind, fact.agent, fact.detail) for fact in scene.told(CallEvent) if fact.kind == kind]


def live(scene: Scene) -> CallRow:
    page = Board(directory(3), Recovery())
    page.apply(scene.facts)
    (row,) = page.snapshot(scene.now).calls
    return row


def test_an_extension_where_nobody_is_signed_in_has_the_call_all_the_same() -> None:
    scene, caller = handed_over(NOBODYS)
    assert (live(scene).state, live(scene).agent) == ("ringing", "")
    phone = answered(scene, caller, NOBODYS, "c")
    assert after(scene, "joined") == [("joined", None, NOBODYS)]
    assert (live(scene).state, live(scene).agent) == ("talking", "")
    scene.bridge("c", phone, caller)
    assert len(after(scene, "joined")) == 1, "told twice it is not done twice"
    scene.hang_up(phone, "c")
    scene.hang_up(caller, "c")
    assert [fact.ended_by for fact in scene.told(CallEnded)] == ["agent"]


def test_an_agent_there_has_the_call_and_talks_with_it() -> None:
    scene, caller = handed_over("1002")
    answered(scene, caller, "1002", "c")
    (started,) = scene.told(CallStarted)
    assert after(scene, "joined") == [("joined", TWO, "1002")]
    now = scene.told(AgentChanged)[-1]
    assert (now.agent, now.condition, now.call) == (TWO, "talking", started.call)
    assert live(scene).agent == "2"


def test_who_hangs_up_while_it_rings_elsewhere_is_the_customer() -> None:
    scene, caller = handed_over(NOBODYS)
    ringing = scene.rings(caller, NOBODYS)
    scene.hear(events.DialEnd(caller, ringing, "CANCEL"))
    scene.hang_up(ringing)
    scene.hang_up(caller)
    (ended,) = scene.told(CallEnded)
    assert (ended.result, ended.ended_by) == ("answered", "customer")


def test_a_busy_extension_is_said() -> None:
    scene, caller = handed_over(NOBODYS)
    ringing = scene.rings(caller, NOBODYS)
    scene.hear(events.DialEnd(caller, ringing, "BUSY"))
    scene.hang_up(ringing, cause=17)
    scene.hang_up(caller, cause=17)
    assert after(scene, "not_taken") == [("not_taken", None, "busy")]
    assert [fact.ended_by for fact in scene.told(CallEnded)] == ["unknown"]


def test_sent_to_a_number_outside_it_is_talked_with_that_number() -> None:
    scene, caller = handed_over("09012345678")
    outside = scene.party("carrier", contexts.FROM_CARRIER, of=caller)
    scene.hear(events.NewChannel(outside), events.DialBegin(caller, outside, "09012345678@carrier"))
    scene.bridge("c", outside, caller)
    assert after(scene, "joined") == [("joined", None, "09012345678")]
    scene.hang_up(outside, "c")
    scene.hang_up(caller, "c")
    assert [fact.ended_by for fact in scene.told(CallEnded)] == ["agent"], "not the customer"


def test_a_colleague_who_is_handed_over_is_not_the_one_who_joins() -> None:
    scene = office()
    caller = scene.party("1001", contexts.TERMINALS, "1002", number="1001")
    scene.hear(events.NewChannel(caller))
    called = answered(scene, caller, "1002")
    assert [fact.agent for fact in scene.told(CallAnswered)] == [TWO]
    hand_over(scene, called, caller, NOBODYS)
    answered(scene, caller, NOBODYS, "c")
    assert after(scene, "joined") == [("joined", None, NOBODYS)]


def test_sent_on_twice() -> None:
    scene, caller = handed_over("1002")
    second = answered(scene, caller, "1002", "b")
    hand_over(scene, second, caller, NOBODYS)
    answered(scene, caller, NOBODYS, "c")
    assert after(scene, "joined") == [("joined", TWO, "1002"), ("joined", None, NOBODYS)]
    assert scene.told(AgentChanged)[-1].agent == TWO
    assert scene.told(AgentChanged)[-1].condition == "wrap_up"
