"""Many seeds of a world under a policy, side by side in processes, and what they come to."""

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from statistics import mean, stdev

import msgspec

from pbx_bridge.simulation.engine import Outcome, Simulation
from pbx_bridge.simulation.policies import make_dialer
from pbx_bridge.simulation.world import World

# Student's t, two-sided 95 %, by degrees of freedom (1 to 30), then the normal's.
_T95 = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13)
_T95_LATER = ((20, 2.09), (30, 2.04), (60, 2.00), (10**9, 1.96))


class Shift(msgspec.Struct, frozen=True):
    """One seed of one world under one policy."""

    world: World
    policy: str
    seed: int


class Cell(msgspec.Struct, frozen=True):
    """All seeds of one world under one policy; per cent. interval: half the width of the 95 % confidence interval."""

    world: str
    group: str
    policy: str
    seeds: int
    occupancy: float
    interval: float
    drops: float
    worst_drops: float
    seeds_over_cap: int
    cap: float
    bar: float | None
    dials: float
    trimmed: float
    decide_us: float
    slowest_decide_ms: float
    dialed_probability: float
    list_probability: float
    wait_weak: float
    wait_strong: float
    log_hash: str

    @property
    def met(self) -> bool | None:
        """Is the bar reached with every seed within the cap? None where there is no bar."""
        return None if self.bar is None else self.occupancy >= self.bar and self.seeds_over_cap == 0


def play(shift: Shift) -> Outcome:
    """Play one shift."""
    return Simulation(shift.world, make_dialer(shift.policy, shift.world), shift.seed).run()


def play_all(shifts: Sequence[Shift], jobs: int) -> Iterator[tuple[Shift, Outcome]]:
    """Play many shifts, `jobs` at a time, as they end."""
    for shift in shifts:
        make_dialer(shift.policy, shift.world)  # an unknown policy is refused before anything starts
    if jobs <= 1 or len(shifts) <= 1:
        for shift in shifts:
            yield shift, play(shift)
        return
    with ProcessPoolExecutor(min(jobs, len(shifts)), mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(play, shift): shift for shift in shifts}
        try:
            for future in as_completed(waiting):
                yield waiting[future], future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def sum_up(world: World, policy: str, outcomes: Sequence[Outcome]) -> Cell:
    """The cell of these outcomes, which come in the order of their seeds."""
    occupancy = [100.0 * outcome.occupancy for outcome in outcomes]
    drops = [100.0 * outcome.drop_share for outcome in outcomes]
    decisions = sum(outcome.decisions for outcome in outcomes)
    return Cell(
        world=world.name,
        group=world.group,
        policy=policy,
        seeds=len(outcomes),
        occupancy=mean(occupancy),
        interval=_t95(len(occupancy)) * stdev(occupancy) / math.sqrt(len(occupancy)) if len(occupancy) > 1 else 0.0,
        drops=mean(drops),
        worst_drops=max(drops),
        seeds_over_cap=sum(share > 100.0 * world.cap + 1e-9 for share in drops),
        cap=100.0 * world.cap,
        bar=world.bar,
        dials=mean(outcome.dials for outcome in outcomes),
        trimmed=mean(outcome.trimmed for outcome in outcomes),
        decide_us=1e6 * sum(outcome.decide_seconds for outcome in outcomes) / max(1, decisions),
        slowest_decide_ms=1e3 * max(outcome.slowest_decide for outcome in outcomes),
        dialed_probability=mean(outcome.mean_dialed_probability for outcome in outcomes),
        list_probability=mean(outcome.mean_list_probability for outcome in outcomes),
        wait_weak=mean(outcome.wait_weak for outcome in outcomes),
        wait_strong=mean(outcome.wait_strong for outcome in outcomes),
        log_hash=outcomes[0].log_hash,
    )


def _t95(count: int) -> float:
    freedom = count - 1
    if freedom <= len(_T95):
        return _T95[freedom - 1]
    return next(t for most, t in _T95_LATER if freedom <= most)
