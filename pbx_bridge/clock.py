"""One clock for the switchboard: epoch seconds that never go back and never jump."""

import time
from collections.abc import Callable

SLEW = 0.05
"""Seconds gained or lost per second while the machine's clock is being followed."""


class Clock:
    """Runs with the monotonic clock and leans towards the wall clock: a step of the wall clock (NTP, a person) moves
    neither a wrap-up timer nor a grace period by more than one part in twenty."""

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._offset = wall() - monotonic()
        self._read_at = monotonic()

    def now(self) -> float:
        """Epoch seconds; each reading is at or after the one before."""
        at = self._monotonic()
        gap = self._wall() - at - self._offset
        most = SLEW * (at - self._read_at)
        self._offset += max(-most, min(most, gap))
        self._read_at = at
        return at + self._offset
