"""Interleaved rounds: each candidate once a round, so that a noisy minute hits all of them alike."""

from collections.abc import Callable, Mapping
from statistics import median

Row = dict[str, str | float | bool | None]


def medians(candidates: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """The median of what each candidate returns (seconds of its own choice) over the rounds."""
    taken: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, once in candidates.items():
            taken[name].append(once())
    return {name: median(seconds) for name, seconds in taken.items()}


def row(bench: str, what: str, value: float, unit: str, ratio: float | None = None, bar: float | None = None) -> Row:
    """One line of the table; `ratio` is against the peer that the bar speaks of, larger is better."""
    met = None if ratio is None or bar is None else ratio >= bar
    return {"bench": bench, "what": what, "value": value, "unit": unit, "ratio": ratio, "bar": bar, "met": met}
