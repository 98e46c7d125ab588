"""What the pacer promises whatever it is fed."""

import json
import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pbx_bridge.core.pacing import (
    AgentView,
    BadPacingInput,
    Connected,
    Decision,
    DialResolved,
    DialView,
    Dropped,
    Event,
    LeadView,
    Pacer,
    Policy,
    Snapshot,
    TalkEnded,
    WaitingView,
    WrapUpEnded,
)
from pbx_bridge.simulation.engine import Outcome, Simulation
from pbx_bridge.simulation.world import Leave, World

WARM = 40_000.0


def warm(policy: Policy, seconds: float = 1800.0) -> Pacer:
    """A pacer that has seen half an hour of ten agents."""
    pacer = Pacer(policy)
    Simulation(World("warm", 10, seconds / 3600.0), pacer, 7).run()
    return pacer


@pytest.fixture(scope="module")
def experience() -> dict[str, object]:
    return warm(Policy()).state()


def restored(experience: dict[str, object], policy: Policy | None = None) -> Pacer:
    pacer = Pacer(policy or Policy())
    pacer.restore(experience)
    return pacer


def agents(idle: int, talking: int) -> list[AgentView]:
    return [AgentView("idle", WARM)] * idle + [AgentView("talking", WARM - 10.0 * n) for n in range(talking)]


@given(idle=st.integers(0, 30), ringing=st.integers(0, 40), waiting=st.integers(0, 5), leaving=st.integers(0, 5))
def test_progressive_never_over_dials(idle: int, ringing: int, waiting: int, leaving: int) -> None:
    leavers = [AgentView("idle", 0.0, leaving=True)] * leaving
    dials = [DialView(n, 0.0) for n in range(ringing)]
    snapshot = Snapshot(agents(idle, 3) + leavers, dials, [WaitingView(n, 0.0) for n in range(waiting)])
    decision = Pacer(Policy(mode="progressive")).decide(snapshot, 1.0)
    assert decision.dials <= max(0, idle - waiting - ringing)


@settings(max_examples=60, deadline=None)
@given(idle=st.integers(0, 9), ringing=st.integers(0, 30), rung=st.floats(0.0, 24.0))
def test_more_idle_agents_never_mean_fewer_dials(
    experience: dict[str, object], idle: int, ringing: int, rung: float
) -> None:
    """One more of the same ten is idle instead of talking."""
    dials = [DialView(n, WARM - rung) for n in range(ringing)]

    def asked(free: int) -> Decision:
        snapshot = Snapshot(agents(free, 10 - free), dials, ledger=((2000, 50),), shift_ends_at=WARM + 20_000.0)
        return restored(experience).decide(snapshot, WARM)

    assert asked(idle + 1).dials >= asked(idle).dials
    assert len(asked(idle + 1).hang_up) <= len(asked(idle).hang_up)


@settings(max_examples=40, deadline=None)
@given(idle=st.integers(0, 10), ringing=st.integers(0, 30), drops=st.integers(0, 200))
def test_never_below_progressive(experience: dict[str, object], idle: int, ringing: int, drops: int) -> None:
    dials = [DialView(n, WARM - n % 25) for n in range(ringing)]
    snapshot = Snapshot(agents(idle, 10 - idle), dials, ledger=((2000, drops),))
    decision = restored(experience).decide(snapshot, WARM)
    assert decision.dials >= max(0, idle - ringing)
    assert ringing - len(decision.hang_up) + decision.dials >= min(idle, ringing)


def test_a_spent_account_is_not_spent_twice(experience: dict[str, object]) -> None:
    """With the allowance gone and no shift left to earn it back, nothing is risked; with it in hand, something is."""
    ending = WARM + 60.0
    spent = Snapshot(agents(9, 1), ledger=((1000, 30), (30_000, 100)), shift_ends_at=ending)
    decision = restored(experience).decide(spent, WARM)
    assert (decision.dials, decision.limit, decision.explain["allowed_risk"]) == (9, "cap", 0.0)
    in_hand = Snapshot(agents(9, 1), ledger=((1000, 10), (30_000, 100)), shift_ends_at=ending)
    assert restored(experience).decide(in_hand, WARM).dials > 9


def test_nothing_is_risked_within_a_ring_of_the_shift_s_end(experience: dict[str, object]) -> None:
    snapshot = Snapshot(agents(5, 5), ledger=((1000, 0),), shift_ends_at=WARM + 20.0)
    decision = restored(experience).decide(snapshot, WARM)
    assert (decision.dials, decision.limit) == (5, "shift_end")


def test_no_call_is_hung_up_before_its_minimum(experience: dict[str, object]) -> None:
    dials = [DialView(n, WARM - float(n)) for n in range(25)]
    decision = restored(experience).decide(Snapshot(agents(0, 10), dials, ledger=((1000, 30),)), WARM)
    assert set(decision.hang_up) == set(range(15, 25))
    kept = restored(experience, Policy(trim=False)).decide(Snapshot(agents(0, 10), dials), WARM)
    assert kept.hang_up == ()


def test_it_asks_to_be_asked_when_the_next_call_may_be_hung_up(experience: dict[str, object]) -> None:
    dials = [DialView(n, WARM - rung) for n, rung in enumerate((20.0, 11.0, 3.0))]
    snapshot = Snapshot(agents(0, 10), dials, ledger=((1000, 30),), shift_ends_at=WARM + 60.0)
    assert restored(experience).decide(snapshot, WARM).ask_again_at == pytest.approx(WARM + 4.0, abs=0.01)
    nothing_rings = Snapshot(agents(0, 10), ledger=((1000, 30),), shift_ends_at=WARM + 60.0)
    assert restored(experience).decide(nothing_rings, WARM).ask_again_at is None
    keeps = restored(experience, Policy(trim=False)).decide(snapshot, WARM)
    assert keeps.ask_again_at is None


@pytest.mark.parametrize(
    ("change", "dials", "limit"),
    [
        ({"free_channels": 3}, 3, "channels"),
        ({"free_channels": -1}, 0, "channels"),
        ({"calls_per_second": 2.0}, 2, "cps"),
        ({"leads_left": 4}, 4, "list_empty"),
        ({"leads_left": 0}, 0, "list_empty"),
        ({"hopper": [LeadView("a"), LeadView("b")]}, 2, "list_empty"),
    ],
)
def test_the_limit_says_what_bound(change: dict[str, object], dials: int, limit: str) -> None:
    fields: dict[str, object] = {"agents": agents(8, 0), **change}
    decision = Pacer(Policy(mode="progressive")).decide(Snapshot(**fields), 1.0)  # type: ignore[arg-type]  # by name
    assert (decision.dials, decision.limit) == (dials, limit)


def test_calls_per_second_hold_over_time() -> None:
    pacer = Pacer(Policy(mode="progressive"))
    made = sum(
        pacer.decide(Snapshot(agents(50, 0), calls_per_second=2.0), 0.25 * quarter).dials for quarter in range(41)
    )
    assert 20 <= made <= 22


class Interrupted:
    """A pacer that is written down as JSON and taken up by a new one before every fortieth decision."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._pacer = Pacer(policy)
        self._count = 0

    def observe(self, event: Event) -> None:
        self._pacer.observe(event)

    def decide(self, snapshot: Snapshot, now: float) -> Decision:
        self._count += 1
        if self._count % 40 == 0:
            kept = json.loads(json.dumps(self._pacer.state()))
            self._pacer = Pacer(self._policy)
            self._pacer.restore(kept)
        return self._pacer.decide(snapshot, now)


def test_restored_is_as_if_never_stopped() -> None:
    world = World("w", 8, 1.0, leaves=(Leave(2000.0, 0.25),))
    through = Simulation(world, Pacer(Policy()), 3).run()
    interrupted = Simulation(world, Interrupted(Policy()), 3).run()
    assert interrupted.log_hash == through.log_hash


def test_state_of_another_version_is_taken_up(experience: dict[str, object]) -> None:
    older = {name: value for name, value in experience.items() if name in ("forecaster", "control")}
    pacer = Pacer(Policy())
    pacer.restore({**older, "something_new": {"x": 1}})
    assert pacer.decide(Snapshot(agents(3, 3)), WARM).dials >= 3


@pytest.mark.parametrize("state", [{}, {"forecaster": 1}, {"control": {}}, {"forecaster": {}, "control": {}}])
def test_a_state_that_is_none_is_refused(state: dict[str, object]) -> None:
    pacer = Pacer(Policy())
    before = pacer.state()
    with pytest.raises(BadPacingInput):
        pacer.restore(state)
    assert pacer.state() == before


def nonsense(draw: random.Random) -> list[Event]:
    def some() -> float:
        return draw.choice([-1e9, -1.0, 0.0, 3.0, 1e9])

    return [
        DialResolved(draw.randrange(5), draw.choice(["answered", "busy", "trimmed", "machine"]), some(), some()),
        Connected("nobody", some(), some()),
        Dropped(None, some()),
        TalkEnded(some(), some()),
        WrapUpEnded(some(), some()),
    ]


@pytest.mark.parametrize("seed", range(5))
def test_unknown_ids_and_times_that_go_back_are_survived(seed: int) -> None:
    draw = random.Random(seed)
    pacer = warm(Policy(), 300.0)
    for _ in range(200):
        for event in nonsense(draw):
            pacer.observe(event)
        snapshot = Snapshot(agents(draw.randrange(5), draw.randrange(5)), [DialView("x", draw.choice([-1e9, 1e9]))])
        decision = pacer.decide(snapshot, draw.choice([-5.0, 0.0, 1e6]))
        assert 0 <= decision.dials <= 210


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_a_time_that_is_no_number_is_refused(wrong: float) -> None:
    pacer = Pacer(Policy())
    before = pacer.state()
    calls: list[Callable[[], object]] = [
        lambda: pacer.decide(Snapshot([]), wrong),
        lambda: pacer.decide(Snapshot([AgentView("talking", wrong)]), 1.0),
        lambda: pacer.decide(Snapshot([], shift_ends_at=wrong), 1.0),
        lambda: pacer.observe(TalkEnded(wrong, 1.0)),
        lambda: pacer.observe(DialResolved(1, "busy", wrong, 1.0)),
        lambda: pacer.observe(Dropped(1, wrong)),
    ]
    for call in calls:
        with pytest.raises(BadPacingInput):
            call()
    assert pacer.state() == before


@pytest.mark.parametrize(
    "policy",
    [
        Policy(cap=1.5),
        Policy(cap=math.nan),
        Policy(ring_timeout=0.0),
        Policy(multiplier=0.5),
        Policy(prior_answer_probability=0.0),
        Policy(windows=(0.0,)),
    ],
)
def test_a_policy_out_of_range_is_refused(policy: Policy) -> None:
    with pytest.raises(BadPacingInput):
        Pacer(policy)


@pytest.mark.parametrize("count", [0, 10_000])
def test_nobody_and_ten_thousand(experience: dict[str, object], count: int) -> None:
    decision = restored(experience).decide(Snapshot(agents(count, count), ledger=((1000, 0),)), WARM)
    assert count <= decision.dials <= count + 200
    assert decision.limit == ("agents" if count == 0 else "cap" if decision.explain["guard"] < 1.0 else "risk")


def test_a_cap_of_zero_is_progressive() -> None:
    outcome: Outcome = Simulation(World("w", 6, 0.5, cap=0.0), Pacer(Policy(cap=0.0)), 1).run()
    assert outcome.drops == 0
