"""Who sits where, and what app_queue and the lamps are told of it."""

from pbx_bridge.core.actions import QueueAdd, QueueRemove, SetDeviceState
from pbx_bridge.core.commands import ChangeStatus, SignIn, SignOut
from pbx_bridge.core.contexts import agent_lamp, status_lamp
from pbx_bridge.core.events import LinkDown, Seed
from pbx_bridge.core.facts import AgentChanged, SignedOut
from pbx_bridge.core.ids import AgentId, BootId, TerminalId

from .scene import Scene, directory

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
