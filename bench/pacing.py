"""The pacer's decisions by the clock, its memory, and a simulated shift, against the bars of docs/pacing.md.

The peers' rates stand in the table of `make pacing-table`; here the bars are absolute, so the ratio is bar ÷ ours.
"""

import time
import tracemalloc
from statistics import median
from typing import Final

from bench.rounds import Row, row
from pbx_bridge.core.pacing import AgentView, DialView, Pacer, Policy, Snapshot
from pbx_bridge.simulation.engine import Simulation
from pbx_bridge.simulation.world import World

_MEMORY_BAR_MB: Final = 5.0
_SHIFT_BAR_S: Final = 2.0
_NOW: Final = 100_000.0


def run() -> list[Row]:
    """decide at 50 agents and at 300, memory of a pacer, one shift of 10 agents and 8 hours."""
    pacer, megabytes = _experienced()
    rows = []
    for agents, dials, bar_ms in ((50, 120, 1.0), (300, 900, 5.0)):
        took = 1e3 * _decide_seconds(pacer, _busy(agents, dials))
        rows.append(_against("pacing", f"decide, {agents} agents, {dials} dials in flight", took, "ms", bar_ms))
    rows.append(_against("pacing", "memory of a pacer after a shift", megabytes, "MB", _MEMORY_BAR_MB))
    seconds = _shift_seconds()
    rows.append(_against("pacing", "simulated shift, 10 agents, 8 h (CPU)", seconds, "s", _SHIFT_BAR_S))
    return rows


def _against(bench: str, what: str, value: float, unit: str, bar: float) -> Row:
    return row(bench, f"{what}, ≤ {bar:g} {unit}", value, unit, bar / value, 1.0)


def _experienced() -> tuple[Pacer, float]:
    """A pacer that has worked for an hour, and what it weighs."""
    tracemalloc.start()
    pacer = Pacer(Policy())
    Simulation(World("bench", 50, 1.0), pacer, 1).run()
    megabytes = sum(
        trace.size / 1e6
        for trace in tracemalloc.take_snapshot().statistics("filename")
        if "/core/pacing/" in trace.traceback[0].filename or "/numpy/" in trace.traceback[0].filename
    )
    tracemalloc.stop()
    return pacer, megabytes


def _busy(agents: int, dials: int) -> Snapshot:
    idle = agents // 25
    views = [AgentView("idle", _NOW)] * idle
    views += [
        AgentView("talking" if n % 6 else "wrap_up", _NOW - (n * 7 % 200 if n % 6 else n % 30))
        for n in range(agents - idle)
    ]
    return Snapshot(
        agents=views,
        dials=[DialView(n, _NOW - n * 25.0 / dials) for n in range(dials)],
        ledger=((10_000, 250), (10_000, 250)),
        shift_ends_at=_NOW + 20_000.0,
    )


def _decide_seconds(pacer: Pacer, snapshot: Snapshot) -> float:
    """The median of many within one working-out of the tables, which campaigns pay every ten to thirty seconds."""
    taken = []
    for second in range(200):
        began = time.perf_counter()
        pacer.decide(snapshot, _NOW + second * 1e-3)
        taken.append(time.perf_counter() - began)
    return median(taken)


def _shift_seconds() -> float:
    taken = []
    for seed in range(3):
        began = time.process_time()
        Simulation(World("bench", 10, 8.0), Pacer(Policy()), seed).run()
        taken.append(time.process_time() - began)
    return median(taken)
