"""Calls placed for agents: what must be free, what is written when, and whose call it is."""

import pytest
from msgspec.structs import replace

from pbx_bridge.core import contexts, events
from pbx_bridge.core.actions import CallAgent
from pbx_bridge.core.commands import Lead, LineFailed, PlaceCall, SignIn
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.facts import (
    AgentChanged,
    AttemptConnected,
    AttemptEnded,
    AttemptPlaced,
    CallEnded,
    CallEvent,
    CallStarted,
)
from pbx_bridge.core.ids import AgentId, BootId, LeadId, TerminalId, attempt_id
from pbx_bridge.core.projection import Board
from pbx_bridge.core.recovery import Recovery

from .scene import CENTER, JOB, Scene, directory, in_state

ONE = AgentId(1)
BACK = PlaceCall(ONE, "09012345678", "callback", center=CENTER)
AGAIN = PlaceCall(
    ONE, "+819012345678", "redial", job=JOB, lead=Lead(LeadId(7), "+819012345678", "Asia/Tokyo", attempts=1)
)


def signed_in() -> Scene:
    scene = Scene(directory(1))
    scene.hear(events.ContactStatus("1001", "sip:1001@127.0.0.1", "Reachable"))
    scene.want(SignIn(ONE, TerminalId(1), "phone"))
    return scene


def picked_up(scene: Scene) -> events.Party:
    """The agent's own terminal is rung and answered."""
    asked = scene.asked(CallAgent)[-1]
    own = scene.party("1001", contexts.DIAL, asked.exten, id=asked.channel_id, number=asked.caller_number)
    scene.hear(events.NewChannel(own), events.DialBegin(None, own, ""), events.NewState(in_state(own, "Ringing")))
    assert scene.told(CallStarted) == [], "nobody is called yet"
    up = in_state(own, "Up")
    scene.hear(events.DialEnd(None, own, "ANSWER"), events.NewState(up))
    return up


def dialed(scene: Scene, own: events.Party) -> events.Party:
    customer = scene.party("carrier", contexts.FROM_CARRIER, of=own)
    scene.hear(events.NewChannel(customer), events.DialBegin(own, customer, "09012345678@carrier"))
    return customer


def test_a_callback_is_the_agents_outgoing_call_in_the_centers_name() -> None:
    scene = signed_in()
    scene.want(BACK)
    (asked,) = scene.asked(CallAgent)
    assert (asked.channel, asked.exten, asked.attempt) == ("PJSIP/1001", "09012345678", None)
    assert ("PBX_SHOWN", "0311110000") in asked.variables
    own = picked_up(scene)
    customer = dialed(scene, own)
    (started,) = scene.told(CallStarted)
    assert (started.direction, started.reason, started.agent) == ("outbound", "callback", ONE)
    assert (started.from_number, started.to_number, started.center) == ("0311110000", "09012345678", CENTER)
    assert scene.told(AgentChanged)[-1].condition == "outgoing"
    scene.bridge("b", own, in_state(customer, "Up"))
    scene.now += 30
    scene.hang_up(customer, "b")
    scene.hang_up(own, "b")
    (ended,) = scene.told(CallEnded)
    assert (ended.result, ended.ended_by) == ("answered", "customer")
    assert scene.told(AgentChanged)[-1].condition == "wrap_up", "as after the center's calls"
    assert scene.told(CallEvent) == []
    page = Board(scene.board.index.directory, Recovery())
    page.apply(scene.facts)
    (tile,) = page.snapshot(scene.now).centers
    assert (tile.answered, tile.within_service_level) == (0, 0), "it answers nobody"


def test_a_redial_is_written_before_it_rings_and_counts() -> None:
    scene = signed_in()
    scene.want(AGAIN)
    attempt = attempt_id(JOB, LeadId(7), 2)
    (placed,) = scene.told(AttemptPlaced)
    assert (placed.attempt, placed.ordinal, placed.by_hand, placed.number) == (attempt, 2, True, "+819012345678")
    assert scene.asked(CallAgent)[-1].attempt == attempt
    own = picked_up(scene)
    customer = dialed(scene, own)
    assert scene.told(CallStarted)[-1].attempt == attempt
    scene.bridge("b", own, in_state(customer, "Up"))
    scene.hang_up(own, "b")
    scene.hang_up(customer, "b")
    assert [fact.agent for fact in scene.told(AttemptConnected)] == [ONE]
    (ended,) = scene.told(AttemptEnded)
    assert (ended.result, ended.charged, ended.retry_at) == ("connected", True, None)


@pytest.mark.parametrize(("status", "result"), [("BUSY", "busy"), ("NOANSWER", "no_answer"), ("CHANUNAVAIL", "failed")])
def test_what_became_of_whom_was_not_reached(status: str, result: str) -> None:
    scene = signed_in()
    scene.want(AGAIN)
    own = picked_up(scene)
    customer = dialed(scene, own)
    scene.hear(events.DialEnd(own, customer, status))
    scene.hang_up(customer)
    scene.hang_up(own)
    (ended,) = scene.told(AttemptEnded)
    assert (ended.result, ended.charged) == (result, True)
    assert scene.told(CallEnded)[-1].result == result


def test_a_terminal_nobody_answers_has_called_nobody() -> None:
    for failing in ("hang-up", "response", "not sent", "seed"):
        scene = signed_in()
        scene.want(AGAIN)
        asked = scene.asked(CallAgent)[-1]
        match failing:
            case "hang-up":
                own = scene.party("1001", contexts.DIAL, id=asked.channel_id)
                scene.hear(events.NewChannel(own), events.DialBegin(None, own, ""))
                scene.hear(events.DialEnd(None, own, "NOANSWER"))
                scene.hang_up(own, cause=19)
            case "response":
                scene.hear(events.OriginateResponse(asked.channel_id, False, asked.channel_id, 3))
            case "not sent":
                scene.want(LineFailed(asked.channel_id, "gone"))
            case _:
                scene.now += 6
                scene.hear(events.Seed(BootId("other"), (), (), (), (), ()))
        (ended,) = scene.told(AttemptEnded)
        assert (ended.result, ended.charged) == ("lost" if failing == "seed" else "cancelled", False), failing
        assert scene.told(CallStarted) == []
        scene.board.reachable[TerminalId(1)] = True
        scene.want(AGAIN)  # and the terminal is free again


def test_what_must_be_free() -> None:
    scene = Scene(directory(1))
    with pytest.raises(Refused, match="not-signed-in"):
        scene.want(BACK)
    scene.want(SignIn(ONE, TerminalId(1), "phone"))
    with pytest.raises(Refused, match="terminal-not-registered"):
        scene.want(BACK)
    scene = signed_in()
    scene.want(BACK)
    with pytest.raises(Refused, match="call-in-progress"):
        scene.want(BACK)
    own = picked_up(scene)
    with pytest.raises(Refused, match="call-in-progress"):
        scene.want(AGAIN)
    scene.hang_up(own)
    with pytest.raises(Refused, match="unknown-job"):
        scene.want(replace(AGAIN, job=type(JOB)(9)))
    assert scene.told(AttemptPlaced) == []
