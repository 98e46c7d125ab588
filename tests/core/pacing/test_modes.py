"""The three modes, by their smallest cases."""

import pytest

from pbx_bridge.core.pacing import AgentView, DialView, Pacer, Policy, Snapshot, WaitingView


def idle(count: int) -> list[AgentView]:
    return [AgentView("idle", 0.0)] * count


def dials(count: int) -> list[DialView]:
    return [DialView(number, 0.0) for number in range(count)]


@pytest.mark.parametrize(
    ("agents", "ringing", "waiting", "expected"), [(5, 0, 0, 5), (5, 3, 0, 2), (5, 7, 0, 0), (0, 0, 2, 0)]
)
def test_progressive_dials_one_number_an_idle_agent(agents: int, ringing: int, waiting: int, expected: int) -> None:
    snapshot = Snapshot(idle(agents), dials(ringing), [WaitingView(n, 0.0) for n in range(waiting)])
    decision = Pacer(Policy(mode="progressive")).decide(snapshot, 1.0)
    assert (decision.dials, decision.limit) == (expected, "agents")


def test_multiplier_dials_its_factor_of_the_idle_agents() -> None:
    decision = Pacer(Policy(mode="multiplier", multiplier=2.5)).decide(Snapshot(idle(4), dials(3)), 1.0)
    assert (decision.dials, decision.limit) == (7, "multiplier")


def test_predictive_starts_as_progressive() -> None:
    decision = Pacer(Policy()).decide(Snapshot(idle(4)), 1.0)
    assert (decision.dials, decision.limit) == (4, "cold_start")
