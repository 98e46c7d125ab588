"""Streams of a real Asterisk through the switchboard: whole, torn, from the middle, twice over, with pieces missing.

Each stream's story (`tests/streams/NAME.story.txt`) was read and checked against what people did in the scenario.
"""

from collections import Counter
from functools import cache

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from pbx_bridge.ami.decode import EVERYTHING, Decoder
from pbx_bridge.ami.framing import Framer
from pbx_bridge.ami.recording import events as events_of
from pbx_bridge.core import events, facts
from pbx_bridge.core.agent import Ringing, Talking
from pbx_bridge.core.commands import LeadsClaimed
from pbx_bridge.core.events import Event, Seed
from pbx_bridge.core.facts import Fact
from pbx_bridge.core.switchboard import Switchboard
from tests.streams.story import story
from tests.streams.stream import Asked, Replay, Step, Stream, names

from .restarted import Living, Written

NAMES = names()
each_stream = pytest.mark.parametrize("name", NAMES)


@cache
def stream(name: str) -> Stream:
    return Stream(name)


@cache
def whole(name: str) -> Replay:
    return Replay(stream(name)).run(stream(name).steps())


def results(told: list[Fact]) -> list[tuple[object, ...]]:
    """What became of every call and attempt: who, how, by whom; not when."""
    found: list[tuple[object, ...]] = []
    for fact in told:
        match fact:
            case facts.CallStarted():
                found.append(("started", fact.call, fact.direction, fact.from_number, fact.to_number, fact.agent))
            case facts.CallAnswered():
                found.append(("answered", fact.call, fact.agent, fact.terminal))
            case facts.CallTransferred():
                found.append(("transferred", fact.call, fact.kind, fact.to, fact.agent))
            case facts.CallEvent(kind="joined"):
                found.append(("joined", fact.call, fact.agent, fact.detail))
            case facts.CallEnded():
                found.append(("ended", fact.call, fact.result, fact.ended_by))
            case facts.AttemptConnected():
                found.append(("connected", fact.attempt, fact.agent))
            case facts.AttemptEnded():
                found.append(("attempt", fact.attempt, fact.result))
            case _:
                pass
    return sorted(found, key=repr)


def check_end(replay: Replay) -> None:
    """All channels are gone: no call is open or ended twice, nobody talks or rings, the live page agrees."""
    for kind in (facts.CallStarted, facts.CallEnded):
        times = Counter(fact.call for fact in replay.facts if isinstance(fact, kind))
        assert [call for call, count in times.items() if count > 1] == []
    assert replay.board.calls.channels.by_id == {}
    assert replay.board.calls.calls == {}
    assert replay.board.calls.channels.bridges == {}
    assert replay.board.campaigns.attempts.open == {}
    assert [desk.agent for desk in replay.board.desks.signed_in() if isinstance(desk.state, Ringing | Talking)] == []
    check_page(replay)


def check_page(replay: Replay) -> None:
    snapshot = replay.page.snapshot(replay.now)
    assert snapshot.calls == []
    for center in snapshot.centers:
        assert (center.waiting, center.oldest_wait_since, center.talking) == (0, None, 0)
        assert min(center.available, center.wrap_up, center.away) >= 0
    assert [(job.id, job.ringing) for job in snapshot.jobs if job.ringing] == []
    assert {agent.condition for agent in snapshot.agents} <= {"logged_off", "available", "wrap_up", "paused"}


def test_there_are_enough_streams() -> None:
    assert len(NAMES) >= 12


@each_stream
def test_the_story_is_the_expected_one(name: str) -> None:
    assert story(stream(name), whole(name).facts) == stream(name).story
    check_end(whole(name))


def test_a_transfer_by_code_is_told_though_its_hang_up_comes_first() -> None:
    """Asterisk tells the two from two threads: on a busy machine the agent's end comes before their transfer."""
    told = stream("attended_transfer_by_code")
    kinds = [type(event) for _, event in told.events]
    at = kinds.index(events.AttendedTransfer)
    gone = next(n for n in range(at, len(kinds)) if kinds[n] is events.Hangup)
    early = told.events[at + 1 : gone + 1]
    moved = [*told.events[:at], *early, told.events[at], *told.events[gone + 1 :]]
    replay = Replay(told).run(told.steps(moved))
    assert results(replay.facts) == results(whole(told.name).facts)
    kept = [
        [fact.kind for fact in one.facts if isinstance(fact, facts.CallEvent)] for one in (replay, whole(told.name))
    ]
    assert kept[0].count("resumed") == kept[1].count("resumed") == 1
    check_end(replay)


@each_stream
def test_every_event_is_known(name: str) -> None:
    everything = Stream(name, EVERYTHING)
    assert (everything.decoder.unknown, everything.decoder.garbled) == ({}, {})
    # what is not decoded live changes nothing
    assert story(everything, Replay(everything).run(everything.steps()).facts) == stream(name).story


@each_stream
def test_byte_by_byte(name: str) -> None:
    framer, packets = Framer(), list[bytes]()
    for number in stream(name).raw:
        packets += framer.feed(bytes((number,)))
    assert list(events_of(packets, Decoder())) == stream(name).events


@each_stream
def test_from_every_event_on(name: str) -> None:
    """Nothing of what came before was heard, not even a seed."""
    steps = stream(name).steps()
    for begin in range(1, len(steps)):
        check_end(Replay(stream(name)).run(steps[begin:]))


@each_stream
def test_the_bridge_is_killed_and_started_at_every_event(name: str) -> None:
    """It reads the database and seeds: every call ends as it would have, told once."""
    recorded, expected = stream(name), _told_once(whole(name).facts)
    steps = recorded.steps()
    first = next(event for _, event in steps if isinstance(event, Seed))
    before, living = Replay(recorded), Living()
    for number, (at, step) in enumerate(steps[:-1]):
        before.wait_until(before.began + at)
        before.take(step)
        if not isinstance(step, Asked):
            living.hear(step)
        if before.board.linked and not _in_the_air(before.board):
            rest = [*_claimed_again(before, steps[: number + 1]), *steps[number + 1 :]]
            after = _restarted(recorded, before, living.seed(first), rest)
            check_end(after)
            told = [*before.facts, *after.facts]
            assert _told_once(told) == expected, f"killed after {step}"
            assert _waits(told) == _waits(whole(name).facts), f"killed after {step}"


def _in_the_air(board: Switchboard) -> bool:
    """What dies with the bridge, and goes on otherwise than recorded: a dialogue on its way to the open line, a
    consultation by code (its conversation is the customer's call then), and for a moment the end of a dial, told with
    the call's own (the journal says it later)."""
    joining = any(not line.up for line in board.campaigns.lines.by_agent.values())
    held = any(channel.held for channel in board.calls.channels.by_id.values())
    outgoing = [call for call in board.calls.calls.values() if call.direction == "outbound" and not call.answered]
    return (
        joining
        or (held and bool(board.calls.consultations.by_wire))
        or any(call.dial_status not in ("", "ANSWER") for call in outgoing)
    )


def _claimed_again(before: Replay, lived: list[Step]) -> list[Step]:
    """Leads that were claimed and not dialed yet went back to the list, and are claimed anew."""
    dialed = {fact.lead for fact in before.facts if isinstance(fact, facts.AttemptPlaced)}
    again: list[Step] = []
    for _, step in lived:
        if isinstance(step, Asked) and isinstance(command := step.command, LeadsClaimed):
            left = tuple(lead for lead in command.leads if lead.id not in dialed)
            again.append((lived[-1][0], Asked(lived[-1][0], LeadsClaimed(command.job, left))))
    return again


def _restarted(recorded: Stream, before: Replay, seed: Seed, rest: list[Step]) -> Replay:
    written = Written(recorded.start.recovery)
    for fact in before.facts:
        written.take(fact)
    after = Replay(recorded, written.recovery())
    after.now = before.now
    after.take(seed)
    return after.run(rest)


def _told_once(told: list[Fact]) -> list[tuple[object, ...]]:
    """As the database keeps it: of two beginnings or answers the first. Who hung up first may have gone unseen."""
    return sorted({line[:3] if line[0] == "ended" else line for line in results(told)}, key=repr)


def _waits(told: list[Fact]) -> list[tuple[object, ...]]:
    """Who came into a queue, as often as they did."""
    return [(fact.call, fact.detail) for fact in told if isinstance(fact, facts.CallEvent) and fact.kind == "queued"]


@each_stream
def test_each_event_twice(name: str) -> None:
    twice = [(at, step) for at, step in stream(name).steps() for _ in range(1 if isinstance(step, Asked) else 2)]
    replay = Replay(stream(name)).run(twice)
    check_end(replay)
    assert results(replay.facts) == results(whole(name).facts)
    assert _conditions(replay) == _conditions(whole(name))


def _conditions(replay: Replay) -> list[tuple[object, ...]]:
    """What each agent went through, in order."""
    changes = [fact for fact in replay.facts if isinstance(fact, facts.AgentChanged)]
    return [(fact.agent, fact.condition, fact.status, fact.call, fact.job) for fact in changes]


@each_stream
def test_neighbours_without_an_order(name: str) -> None:
    """Two legs are two threads of Asterisk: who enters a bridge or hangs up first is chance."""
    steps = stream(name).steps()
    for number in range(len(steps) - 1):
        (at, one), (_, two) = steps[number : number + 2]
        if isinstance(one, Asked) or isinstance(two, Asked) or not _unordered(one, two):
            continue
        swapped = [*steps[:number], (at, two), (at, one), *steps[number + 2 :]]
        replay = Replay(stream(name)).run(swapped)
        check_end(replay)
        assert results(replay.facts) == results(whole(name).facts), f"{two} before {one}"


def _unordered(one: Event, two: Event) -> bool:
    match one, two:
        case (events.BridgeEnter(party=a), events.BridgeEnter(party=b)):
            return a.uniqueid != b.uniqueid
        case (events.Hangup(party=a), events.Hangup(party=b)):
            return a.uniqueid != b.uniqueid
        case (events.NewState(party=a), events.NewState(party=b)):
            return a.uniqueid != b.uniqueid
        case _:
            return False


@settings(deadline=None)
@given(st.data())
def test_any_piece_of_any_stream(data: st.DataObject) -> None:
    """Slices, repeats and gaps never raise, and never end a call twice."""
    name = data.draw(st.sampled_from(NAMES))
    steps = stream(name).steps()
    begin = data.draw(st.integers(0, len(steps) - 1))
    length = data.draw(st.integers(1, len(steps) - begin))
    times = data.draw(st.lists(st.sampled_from((0, 1, 1, 1, 2)), min_size=length, max_size=length))
    kept = [step for step, count in zip(steps[begin : begin + length], times, strict=True) for _ in range(count)]
    note(f"{name}, {begin}–{begin + length}")
    ended = Counter(f.call for f in Replay(stream(name)).run(kept).facts if isinstance(f, facts.CallEnded))
    assert [call for call, count in ended.items() if count > 1] == []
