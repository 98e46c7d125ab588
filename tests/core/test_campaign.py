"""Campaigns at work: dial, answer, meet, or find nobody."""

from datetime import time

import pytest

from pbx_bridge.core import contexts, events
from pbx_bridge.core.actions import CallLine, HangUp, Join, Originate, QueueAdd, QueuePause, Redirect
from pbx_bridge.core.commands import (
    ChangeStatus,
    JoinFailed,
    JoinJob,
    Lead,
    LeadsClaimed,
    LeaveJob,
    OriginateFailed,
    SignIn,
    StartJob,
    StopJob,
)
from pbx_bridge.core.directory import Rule, Window
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.facts import (
    AgentChanged,
    AttemptConnected,
    AttemptEnded,
    AttemptPlaced,
    CallEnded,
    CallStarted,
    JobStarted,
    LeadReleased,
    LineClosed,
    LineOpened,
    PacerDecided,
)
from pbx_bridge.core.ids import AgentId, BootId, BridgeId, ChannelId, JobId, LeadId, TerminalId
from pbx_bridge.core.recovery import JobMemory, OpenAttempt, Recovery, SignedInAgent

from .scene import ALWAYS, JOB, Scene, directory, in_state

ONE, TWO = AgentId(1), AgentId(2)


def on_line(scene: Scene, agent: AgentId) -> events.Party:
    """The agent signs in, dials 0015 and waits on the open line."""
    endpoint = str(1000 + agent)
    scene.want(SignIn(agent, TerminalId(agent), "phone"))
    line = in_state(scene.party(endpoint, contexts.LINE), "Up")
    scene.hear(events.NewChannel(line))
    scene.want(JoinJob(agent, JOB, line.uniqueid))
    scene.hear(events.UserEvent(contexts.LINE_WAITING, line, {}))
    return line


def at_work(leads: int = 5, rule: Rule | None = None) -> tuple[Scene, events.Party]:
    scene = Scene(directory(2, "progressive", rule))
    line = on_line(scene, ONE)
    scene.want(StartJob(JOB))
    scene.give_leads(leads)
    return scene, line


def test_one_waiting_agent_one_dial() -> None:
    scene, _ = at_work()
    scene.wait(3)
    assert len(scene.asked(Originate)) == 1
    placed = scene.told(AttemptPlaced)[0]
    assert scene.asked(Originate)[0].channel_id == f"attempt-{placed.attempt}"
    assert scene.told(LineOpened)[0].agent == ONE
    assert scene.told(JobStarted)[0].job == JOB


def test_centers_do_not_ring_an_agent_on_the_open_line() -> None:
    scene, _ = at_work()
    assert scene.asked(QueueAdd)[0].paused is False
    assert scene.asked(QueuePause)[-1] == QueuePause("PJSIP/1001", True, "campaign", "center-7001")


def test_an_answer_meets_the_agent_and_wrap_up_follows() -> None:
    scene, line = at_work()
    customer = scene.answers(scene.customer(scene.asked(Originate)[0]))
    scene.now += 0.05
    scene.joined(line, customer)
    assert scene.told(AttemptConnected)[0].waited == pytest.approx(0.05)
    assert scene.told(CallStarted)[0].direction == "campaign"
    assert scene.told(AgentChanged)[-1].condition == "talking"
    scene.wait(30)
    scene.hang_up(customer, "b")
    scene.hear(events.BridgeLeave(BridgeId("b"), line), events.UserEvent(contexts.LINE_WAITING, line, {}))
    assert scene.told(AttemptEnded)[0].result == "connected"
    assert scene.told(AttemptEnded)[0].retry_at is None
    assert scene.told(CallEnded)[0].result == "answered"
    assert scene.told(AgentChanged)[-1].condition == "wrap_up"
    assert len(scene.asked(Originate)) == 1
    scene.wait(10.5)
    assert scene.told(AgentChanged)[-1].condition == "available"
    assert len(scene.asked(Originate)) == 2


def test_nobody_free_within_the_grace_is_an_abandoned_call_with_a_message() -> None:
    scene, _ = at_work()
    customer = scene.customer(scene.asked(Originate)[0])
    scene.want(ChangeStatus(ONE, "break", "phone"))
    scene.answers(customer)
    scene.wait(1.9)
    assert scene.asked(Redirect) == []
    scene.wait(0.3)
    assert scene.asked(Redirect)[0].context == contexts.ABANDON
    scene.hang_up(customer)
    ended = scene.told(AttemptEnded)[0]
    assert ended.result == "abandoned"
    assert ended.retry_at == pytest.approx(scene.now + 72 * 3600)
    assert scene.told(CallEnded)[0].result == "abandoned"
    assert scene.board.campaigns.runs[JOB].ledger.counts(scene.now) == ((1, 1), (1, 1))


def test_a_refused_join_gives_the_customer_to_the_next_agent() -> None:
    scene, _ = at_work()
    on_line(scene, TWO)
    customer = scene.answers(scene.customer(scene.asked(Originate)[0]))
    first = scene.asked(Join)[0]
    scene.now += 0.01
    scene.want(JoinFailed(first.attempt, "no such channel"))
    second = scene.asked(Join)[1]
    assert second.customer == customer.channel
    assert second.line != first.line


def test_the_agent_hanging_up_while_joining_frees_the_customer() -> None:
    scene, line = at_work()
    other = on_line(scene, TWO)
    scene.answers(scene.customer(scene.asked(Originate)[0]))
    assert scene.asked(Join)[0].line == line.channel
    scene.hang_up(line)
    assert scene.told(LineClosed)[0].agent == ONE
    assert scene.asked(Join)[1].line == other.channel


@pytest.mark.parametrize(
    ("status", "cause", "result", "minutes", "charged"),
    [
        ("BUSY", 17, "busy", 15.0, True),
        ("NOANSWER", 19, "no_answer", 60.0, True),
        ("CONGESTION", 34, "failed", 30.0, False),
        ("CHANUNAVAIL", 1, "failed", 30.0, True),
    ],
)
def test_a_dial_nobody_answers(status: str, cause: int, result: str, minutes: float, charged: bool) -> None:
    scene, _ = at_work()
    customer = scene.customer(scene.asked(Originate)[0])
    scene.hear(events.DialBegin(None, customer, "x"), events.DialEnd(None, customer, status))
    scene.hang_up(customer, cause=cause)
    ended = scene.told(AttemptEnded)[0]
    assert (ended.result, ended.charged) == (result, charged)
    assert ended.retry_at == pytest.approx(scene.now + 60 * minutes)


def test_an_originate_without_a_channel_ends_by_its_response() -> None:
    scene, _ = at_work()
    attempt = scene.asked(Originate)[0].attempt
    scene.hear(events.OriginateResponse(attempt, False, ChannelId(""), 0))
    assert scene.told(AttemptEnded)[0].result == "failed"


def test_an_originate_that_was_not_sent_is_not_charged() -> None:
    scene, _ = at_work()
    scene.want(OriginateFailed(scene.asked(Originate)[0].attempt, "not connected", unknown=False))
    assert not scene.told(AttemptEnded)[0].charged


def test_an_attempt_nobody_speaks_of_is_lost_in_the_end() -> None:
    scene, _ = at_work()
    scene.want(OriginateFailed(scene.asked(Originate)[0].attempt, "no answer", unknown=True))
    assert scene.told(AttemptEnded) == []
    scene.wait(36)
    assert scene.told(AttemptEnded)[0].result == "lost"


def test_five_failures_open_the_breaker_and_one_probe_closes_it() -> None:
    scene, _ = at_work(leads=20)
    for _ in range(5):
        customer = scene.customer(scene.asked(Originate)[-1])
        scene.hear(events.DialEnd(None, customer, "CONGESTION"))
        scene.hang_up(customer, cause=34)
        scene.wait(1)
    assert len(scene.asked(Originate)) == 5
    assert scene.told(PacerDecided)[-1].limit == "carrier"
    scene.wait(10)
    assert len(scene.asked(Originate)) == 6
    customer = scene.customer(scene.asked(Originate)[-1])
    scene.hear(events.DialEnd(None, customer, "BUSY"))
    scene.hang_up(customer, cause=17)
    scene.wait(1)
    assert len(scene.asked(Originate)) == 7


def test_outside_the_window_no_dial_and_the_lead_goes_back() -> None:
    never_today = Rule(window=Window(weekdays=frozenset({1}), opens=time(9), closes=time(20), holidays=True))
    scene = Scene(directory(2, "progressive", never_today))
    scene.now = 1_800_000_000.0  # Friday, 15 January 2027, 17:00 in Tokyo
    on_line(scene, ONE)
    scene.want(StartJob(JOB))
    scene.give_leads(3)
    scene.wait(2)
    assert scene.asked(Originate) == []
    assert {fact.retry_at for fact in scene.told(LeadReleased)} == {1_800_230_400.0}  # Monday 09:00
    assert "window" in {fact.limit for fact in scene.told(PacerDecided)}


def test_stop_dials_no_more_and_gives_the_leads_back() -> None:
    scene, _ = at_work(leads=5)
    scene.want(StopJob(JOB))
    assert len(scene.told(LeadReleased)) == 4
    scene.wait(5)
    assert len(scene.asked(Originate)) == 1
    assert scene.told(PacerDecided)[-1].limit == "stopped"


def test_leaving_takes_effect_after_the_customer() -> None:
    scene, line = at_work()
    customer = scene.answers(scene.customer(scene.asked(Originate)[0]))
    scene.joined(line, customer)
    scene.want(LeaveJob(ONE))
    assert scene.asked(HangUp) == []
    scene.hang_up(customer, "b")
    scene.hear(events.BridgeLeave(BridgeId("b"), line), events.UserEvent(contexts.LINE_WAITING, line, {}))
    assert scene.asked(HangUp)[0].channel == line.channel


def test_nothing_is_dialed_while_asterisk_is_away() -> None:
    scene, _ = at_work(leads=5, rule=Rule(window=ALWAYS))
    scene.hear(events.LinkDown("silence"))
    on_line(scene, TWO)
    scene.wait(5)
    assert len(scene.asked(Originate)) == 1


def test_who_is_not_assigned_cannot_join() -> None:
    scene = Scene(directory(1))
    scene.want(SignIn(ONE, TerminalId(1), "phone"))
    with pytest.raises(Refused, match="unknown-job"):
        scene.want(JoinJob(ONE, JobId(9), ChannelId("x")))
    with pytest.raises(Refused, match="not-on-line"):
        scene.want(LeaveJob(ONE))


def test_a_restart_finds_lines_and_talks_again_and_dials_nobody_twice() -> None:
    first, line = at_work(leads=3)
    customer = first.answers(first.customer(first.asked(Originate)[0]))
    first.joined(line, customer)
    placed = first.told(AttemptPlaced)[0]
    recovery = Recovery(
        agents=(SignedInAgent(ONE, TerminalId(1), "available", first.now, job=JOB),),
        attempts=(OpenAttempt(placed.attempt, JOB, placed.lead, placed.number, 1, first.now, first.now),),
        jobs=(JobMemory(JOB, True, (), None),),
    )
    second = Scene(directory(2), recovery, seeded=False)
    second.now = first.now + 5
    bridge = events.BridgeMembers(BridgeId("b"), (line.uniqueid, customer.uniqueid))
    second.hear(events.Seed(BootId("boot"), (line, customer), (bridge,), (), (), ()))
    assert second.told(AttemptConnected)[0].agent == ONE
    assert second.told(AgentChanged)[-1].condition == "talking"
    second.give_leads(0)
    second.wait(2)
    assert second.asked(Originate) == []
    second.hang_up(customer, "b")
    assert second.told(AttemptEnded)[0].result == "connected"


def test_a_line_asked_for_in_the_browser_rings_the_agents_phone() -> None:
    scene = Scene(directory(2))
    scene.want(SignIn(ONE, TerminalId(1), "phone"))
    scene.want(JoinJob(ONE, JOB))
    call = scene.asked(CallLine)[0]
    assert (call.channel, call.context) == ("PJSIP/1001", contexts.LINE)
    line = in_state(scene.party("1001", contexts.LINE, id=call.channel_id), "Up")
    scene.hear(events.NewChannel(line), events.UserEvent(contexts.LINE_WAITING, line, {}))
    assert scene.told(LineOpened)[0].agent == ONE
    with pytest.raises(Refused, match="call-in-progress"):
        scene.want(JoinJob(ONE, JOB))


def test_a_phone_nobody_answers_opens_no_line() -> None:
    scene = Scene(directory(2))
    scene.want(SignIn(ONE, TerminalId(1), "phone"))
    scene.want(JoinJob(ONE, JOB))
    call = scene.asked(CallLine)[0]
    scene.hear(events.OriginateResponse(call.channel_id, False, call.channel_id, 3))
    scene.want(JoinJob(ONE, JOB))
    assert len(scene.asked(CallLine)) == 2
    assert scene.told(LineOpened) == []


@pytest.mark.parametrize("state", [b"not json", b"[]", b'{"written": "by another version"}'])
def test_a_pacer_state_that_is_not_ours_does_not_stop_the_start(state: bytes) -> None:
    recovery = Recovery(jobs=(JobMemory(JOB, True, (), state),))
    scene = Scene(directory(1), recovery)
    assert scene.board.campaigns.runs[JOB].running


def test_failures_of_the_carrier_do_not_use_a_lead_up() -> None:
    scene = Scene(directory(2))
    on_line(scene, ONE)
    scene.want(StartJob(JOB))
    scene.want(LeadsClaimed(JOB, (Lead(LeadId(1), "+815000000001", "Asia/Tokyo", attempts=9, charged=2),)))
    customer = scene.customer(scene.asked(Originate)[0])
    scene.hear(events.DialEnd(None, customer, "CONGESTION"))
    scene.hang_up(customer, cause=34)
    assert scene.told(AttemptPlaced)[0].ordinal == 10
    assert scene.told(AttemptEnded)[0].retry_at is not None
    scene.want(LeadsClaimed(JOB, (Lead(LeadId(1), "+815000000001", "Asia/Tokyo", attempts=10, charged=2),)))
    customer = scene.customer(scene.asked(Originate)[1])
    scene.hear(events.DialEnd(None, customer, "BUSY"))
    scene.hang_up(customer, cause=17)
    assert scene.told(AttemptEnded)[1].retry_at is None
