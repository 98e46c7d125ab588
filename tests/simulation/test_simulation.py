"""The simulated call center: the same seed is the same shift, and its people obey the world."""

import json
import re
from pathlib import Path

import pytest

from pbx_bridge.cli import main
from pbx_bridge.core.errors import Misconfigured
from pbx_bridge.core.pacing import Pacer, Policy
from pbx_bridge.simulation.engine import Outcome, Simulation
from pbx_bridge.simulation.policies import DEFAULT, make_dialer
from pbx_bridge.simulation.runs import Shift, play_all, sum_up
from pbx_bridge.simulation.world import Leads, Leave, World, read_worlds, shipped_worlds

HOUR = World("an hour", 10, 1.0)


def play(world: World, policy: str = "predictive", seed: int = 1) -> Outcome:
    return Simulation(world, make_dialer(policy, world), seed).run()


@pytest.mark.parametrize("policy", [*DEFAULT, "static:1.5"])
def test_the_same_seed_is_the_same_shift(policy: str) -> None:
    first, second, other = play(HOUR, policy), play(HOUR, policy), play(HOUR, policy, 2)
    assert first.log_hash == second.log_hash != other.log_hash


@pytest.mark.parametrize("probability", [0.15, 0.3, 0.6])
def test_progressive_is_what_arithmetic_says_and_drops_nobody(probability: float) -> None:
    """Talk ÷ (talk + wrap-up + the dials it takes to reach somebody)."""
    world = World("w", 20, 6.0, probability)
    outcome = play(world, "progressive")
    ringing = probability * 11.6 + (1.0 - probability) * (0.25 * 2.5 + 0.75 * 25.0)
    assert outcome.drops == 0
    assert outcome.occupancy == pytest.approx(120.0 / (140.0 + ringing / probability), abs=0.025)
    assert outcome.answers / outcome.dials == pytest.approx(probability, rel=0.08)


@pytest.mark.parametrize("cap", [0.03, 0.01])
def test_the_pacer_keeps_the_cap_and_beats_one_to_one(cap: float) -> None:
    world = World("w", 10, 3.0, cap=cap)
    outcome = play(world)
    assert outcome.drop_share <= cap
    assert outcome.occupancy > play(world, "progressive").occupancy + 0.04


def test_agents_who_leave_are_staffed_until_they_go() -> None:
    half = World("w", 10, 1.0, leaves=(Leave(1800.0, 0.5),))
    staffed = play(half, "progressive").staffed_seconds
    assert 27_000.0 <= staffed <= 27_000.0 + 5 * 400.0


def test_a_world_and_policy_of_many_seeds_is_summed_up() -> None:
    short = World("short", 3, 0.2, bar=1.0)
    shifts = [Shift(short, "progressive", seed) for seed in range(3)]
    outcomes = [outcome for _, outcome in play_all(shifts, 1)]
    cell = sum_up(short, "progressive", outcomes)
    assert (cell.seeds, cell.seeds_over_cap, cell.met) == (3, 0, True)
    assert cell.interval > 0.0


def test_leads_are_dialed_as_listed_and_sure_ones_do_not_pass_the_weak() -> None:
    (world,) = [world for world in shipped_worlds() if world.name == "3 kinds, 5 agents"]
    outcome = play(world)
    assert outcome.mean_dialed_probability == pytest.approx(outcome.mean_list_probability, rel=0.01)
    assert outcome.wait_weak <= 1.3 * outcome.wait_strong


def test_learning_from_zero_becomes_useful() -> None:
    world = World("w", 10, 2.0, leads=Leads(beta=1.5, known="learned", noise=1.0))
    simulation = Simulation(world, Pacer(Policy()), 1)
    assert simulation.run().drop_share <= 0.03
    assert any(lead.answer_probability is not None for lead in simulation.hopper())


def test_shipped_worlds_are_read_and_named_apart() -> None:
    names = [world.name for world in shipped_worlds()]
    assert len(names) == len(set(names)) >= 30


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[world", "Invalid|Expected|declaration"),
        ('[[world]]\nname = "x"\nagents = 0\nhours = 1', "agents must be 1"),
        ('[[world]]\nname = "x"\nagents = 5\nhours = 1\nanswer_probability = 1.5', "probability"),
        ('[[world]]\nname = "x"\nagents = 5\nhours = 1\nspeling = 1', "speling"),
        ('[[world]]\nname = "x"\nagents = 5\nhours = 1\ntalk = {mean = -1}', "means"),
    ],
)
def test_a_world_that_cannot_be_is_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "w.toml"
    path.write_text(text)
    with pytest.raises(Misconfigured) as refused:
        read_worlds(path)
    assert re.search(says, str(refused.value))


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text('[[world]]\nname = "tiny"\nagents = 3\nhours = 0.1\nbar = 50.0\n')
    return path


def test_the_command_prints_figures_and_draws(tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chart = tmp_path / "c.svg"
    words = ["simulate", "--file", str(tiny), "--seeds", "2", "--jobs", "1", "--policy", "progressive", "--json"]
    assert main([*words, "--chart", str(chart)]) == 0
    (cell,) = json.loads(capsys.readouterr().out)
    assert (cell["world"], cell["policy"], cell["seeds"]) == ("tiny", "progressive", 2)
    assert chart.read_text().startswith("<svg")
    assert "tiny" in chart.read_text()


@pytest.mark.parametrize(
    "words",
    [
        ["--policy", "nope"],
        ["--policy", "static:99"],
        ["--seeds", "0"],
        ["--chart", "x.png"],
        ["no such world"],
        ["--file", "/nowhere.toml"],
    ],
)
def test_bad_input_is_one_line_and_status_two(tiny: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--file", str(tiny), "-q", *words]) == 2
    assert capsys.readouterr().err.count("\n") == 1
