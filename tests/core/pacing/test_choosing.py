"""Leads to moments: a sure moment takes a sure lead, nobody is starved."""

import random

from pbx_bridge.core.pacing import AgentView, LeadView, Pacer, Policy, Snapshot
from pbx_bridge.core.pacing.choosing import OVERTAKEN, Chooser
from pbx_bridge.simulation.engine import Simulation
from pbx_bridge.simulation.world import World

HOPPER = [LeadView(n, 0.1 + 0.04 * n) for n in range(20)]


def used_chooser(seed: int = 1) -> Chooser:
    """One that has seen moments of all kinds."""
    draw = random.Random(seed)
    chooser = Chooser()
    for _ in range(300):
        chooser.choose(chooser.open(HOPPER, None), 0.3, draw.random(), draw.random())
    return chooser


def test_a_moment_sure_of_one_agent_takes_the_surest_lead() -> None:
    chooser = used_chooser()
    fresh = [LeadView(1000 + n, 0.1 + 0.04 * n) for n in range(20)]
    assert chooser.choose(chooser.open(fresh, None), 0.3, 1.0, 0.0).id == 1019
    assert chooser.choose(chooser.open(fresh, None), 0.3, 0.0, 1.0).id == 1000


def test_towards_the_shift_s_end_it_is_list_order() -> None:
    chooser = used_chooser()
    assert chooser.choose(chooser.open(HOPPER, 10.0), 0.3, 0.0, 0.0).id == 0


def test_a_lead_waits_for_so_many_newer_ones_and_no_more() -> None:
    draw = random.Random(4)
    chooser = Chooser()
    hopper = [LeadView(n, draw.random()) for n in range(20)]
    newest, longest = 20, 0
    for _ in range(5000):
        at_hand = chooser.open(hopper, None)
        chosen = chooser.choose(at_hand, 0.3, draw.random(), draw.random())
        place = hopper.index(chosen)
        assert isinstance(chosen.id, int)
        longest = max(longest, newest - chosen.id)
        hopper.pop(place)
        hopper.append(LeadView(newest, draw.random()))
        newest += 1
    assert longest <= (OVERTAKEN + 2) * 20


def test_every_kind_of_lead_is_dialed_as_often_as_listed() -> None:
    draw = random.Random(9)
    chooser = Chooser()
    hopper = [LeadView(n, draw.choice([0.1, 0.3, 0.6])) for n in range(20)]
    listed = [lead.answer_probability or 0.0 for lead in hopper]
    dialed: list[float] = []
    for n in range(4000):
        chosen = chooser.choose(chooser.open(hopper, None), 0.3, draw.random(), draw.random() ** 2)
        hopper.remove(chosen)
        hopper.append(LeadView(20 + n, draw.choice([0.1, 0.3, 0.6])))
        listed.append(hopper[-1].answer_probability or 0.0)
        dialed.append(chosen.answer_probability or 0.0)
    assert abs(sum(dialed) / len(dialed) / (sum(listed) / len(listed)) - 1.0) < 0.01


def test_a_hopper_that_runs_out_is_the_limit() -> None:
    pacer = Pacer(Policy())
    Simulation(World("warm", 10, 0.5), pacer, 7).run()
    agents = [AgentView("idle", 40_000.0)] * 10
    hopper = [LeadView(n, 0.1 + 0.1 * n) for n in range(3)]
    decision = pacer.decide(Snapshot(agents, hopper=hopper, ledger=((2000, 10),)), 40_000.0)
    assert sorted(map(str, decision.leads)) == ["0", "1", "2"]
    assert (decision.dials, decision.limit) == (3, "list_empty")
    assert 0.0 < pacer.answer_chance(20.0, 0.3) < pacer.answer_chance(0.0, 0.3) < 0.31
