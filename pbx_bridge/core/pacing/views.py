"""The snapshot as the forecasts read it: counts and ages."""

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from pbx_bridge.core.pacing.hazards import Floats
from pbx_bridge.core.pacing.records import AgentState, AgentView, BadPacingInput, DialView, Snapshot


class Scene(msgspec.Struct, frozen=True):
    """One moment. Ages in seconds; `own`: answer probability of each dial, NaN where unknown, None where all are.

    talking, wrapping: of the agents who will take further calls; all_talking, all_wrapping: of everyone.
    available: idle agents less the answers that wait already.
    """

    available: int
    waiting: int
    ringing: Floats
    own: Floats | None
    talking: Floats
    wrapping: Floats
    all_talking: Floats
    all_wrapping: Floats


def available_agents(snapshot: Snapshot) -> int:
    """Agents who could take an answer this instant, less the answers that wait already."""
    idle = sum(agent.state == "idle" and not agent.leaving for agent in snapshot.agents)
    return idle - len(snapshot.waiting)


def scene(snapshot: Snapshot, now: float) -> Scene:
    """Read the snapshot. Raises BadPacingInput for a time or a probability that is no number."""
    all_talking = _ages(_since(snapshot.agents, "talking", leavers=True), now)
    all_wrapping = _ages(_since(snapshot.agents, "wrap_up", leavers=True), now)
    talking, wrapping = all_talking, all_wrapping
    if any(agent.leaving for agent in snapshot.agents):
        talking = _ages(_since(snapshot.agents, "talking", leavers=False), now)
        wrapping = _ages(_since(snapshot.agents, "wrap_up", leavers=False), now)
    return Scene(
        available=available_agents(snapshot),
        waiting=len(snapshot.waiting),
        ringing=_ages([dial.placed_at for dial in snapshot.dials], now),
        own=_own(snapshot.dials),
        talking=talking,
        wrapping=wrapping,
        all_talking=all_talking,
        all_wrapping=all_wrapping,
    )


def _since(agents: Sequence[AgentView], state: AgentState, *, leavers: bool) -> list[float]:
    return [agent.since for agent in agents if agent.state == state and (leavers or not agent.leaving)]


def _ages(since: list[float], now: float) -> Floats:
    if not math.isfinite(sum(since)):
        raise BadPacingInput("snapshot: a time is not a finite number")
    ages: Floats = np.maximum(now - np.array(since, dtype=np.float64), 0.0)
    return ages


def _own(dials: Sequence[DialView]) -> Floats | None:
    believed = [dial.answer_probability for dial in dials]
    if all(p is None for p in believed):
        return None
    own = np.array([math.nan if p is None else p for p in believed], dtype=np.float64)
    if not all(p is None or 0.0 <= p <= 1.0 for p in believed):
        raise BadPacingInput("snapshot: an answer probability is not between 0 and 1")
    return own
