"""Running cells with progress, and printing them."""

import time
from collections.abc import Sequence
from typing import TextIO

from pbx_bridge.simulation.engine import Outcome
from pbx_bridge.simulation.runs import Cell, Shift, play_all, sum_up
from pbx_bridge.simulation.world import World


def run_cells(
    worlds: Sequence[World], policies: Sequence[str], seeds: Sequence[int], jobs: int, progress: TextIO | None
) -> list[Cell]:
    """Every world under every policy; progress is one line, rewritten, on a terminal, and twenty elsewhere."""
    shifts = [Shift(world, policy, seed) for world in worlds for policy in policies for seed in seeds]
    outcomes: dict[tuple[str, str, int], Outcome] = {}
    began = time.monotonic()
    for shift, outcome in play_all(shifts, jobs):
        outcomes[shift.world.name, shift.policy, shift.seed] = outcome
        if progress is not None:
            _show(progress, len(outcomes), len(shifts), time.monotonic() - began, f"{shift.world.name}: {shift.policy}")
    if progress is not None:
        _clear(progress)
    return [
        sum_up(world, policy, [outcomes[world.name, policy, seed] for seed in seeds])
        for world in worlds
        for policy in policies
    ]


def as_table(cells: Sequence[Cell]) -> str:
    """Lines for a terminal, also valid Markdown."""
    head = "| world | policy | occupancy % (95 %) | bar | drops % | worst seed | over cap | dials | µs a decision |"
    lines = [head, "|---|---|---|---|---|---|---|---|---|"]
    for cell in cells:
        bar = "–" if cell.bar is None else f"{cell.bar:.1f}{'' if cell.policy != 'predictive' else _mark(cell)}"
        talk = f"{cell.occupancy:.1f} ± {cell.interval:.1f} | {bar}"
        dropped = f"{cell.drops:.2f} | {cell.worst_drops:.2f} | {cell.seeds_over_cap} of {cell.seeds}"
        lines.append(f"| {cell.world} | {cell.policy} | {talk} | {dropped} | {cell.dials:.0f} | {cell.decide_us:.0f} |")
    return "\n".join(lines)


def _mark(cell: Cell) -> str:
    return " met" if cell.met else " missed"


def _show(progress: TextIO, done: int, total: int, seconds: float, what: str) -> None:
    left = seconds / done * (total - done)
    if progress.isatty():
        progress.write(f"\r\x1b[K{done}/{total} shifts, about {left:.0f} s left · {what[:70]}")
    elif done == total or done % max(1, total // 20) == 0:
        progress.write(f"{done}/{total} shifts, about {left:.0f} s left · {what}\n")
    progress.flush()


def _clear(progress: TextIO) -> None:
    if progress.isatty():
        progress.write("\r\x1b[K")
        progress.flush()
