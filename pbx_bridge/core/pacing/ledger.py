"""Answers and abandoned calls over rolling windows, in buckets of five minutes.

16 CFR 310.4(b)(4)(i) counts abandoned calls among those answered by a person over each 30-day period.
"""

from collections import deque
from collections.abc import Sequence

from pbx_bridge.core.pacing.records import BadPacingInput

BUCKET = 300.0
"""Seconds a bucket spans. A window ends with the current bucket, so it is up to one bucket longer than its name."""


class DropLedger:
    """Counts of one campaign, enough for the longest of `windows` (seconds)."""

    def __init__(self, windows: Sequence[float]) -> None:
        self._spans = [-int(-window // BUCKET) + 1 for window in windows]
        self._buckets: deque[list[int]] = deque()  # [bucket number, answers, drops]
        self._totals = [[0, 0] for _ in windows]
        self._starts = [0] * len(windows)

    def answered(self, at: float) -> None:
        """A person answered."""
        self._count(at, 1, 0)

    def dropped(self, at: float) -> None:
        """Somebody who answered, and was counted as such, found no agent in time."""
        self._count(at, 0, 1)

    def counts(self, now: float) -> tuple[tuple[int, int], ...]:
        """(answers, drops) of each window that ends now. Never more drops than answers, though a call may have been
        answered in the last bucket that is out of the window and dropped in the first that is in it."""
        self._expire(int(now // BUCKET))
        return tuple((max(answers, drops), drops) for answers, drops in self._totals)

    def state(self) -> list[list[int]]:
        """The buckets, oldest first."""
        return [list(bucket) for bucket in self._buckets]

    def restore(self, buckets: Sequence[Sequence[int]]) -> None:
        """Start from saved buckets."""
        self._buckets = deque()
        self._totals = [[0, 0] for _ in self._spans]
        self._starts = [0] * len(self._spans)
        for number, answers, drops in buckets:
            if answers < 0 or drops < 0:
                raise BadPacingInput("ledger: a count below zero")
            self._count(number * BUCKET, answers, drops)

    def _count(self, at: float, answers: int, drops: int) -> None:
        number = int(at // BUCKET)
        if self._buckets and number < self._buckets[-1][0]:
            number = self._buckets[-1][0]  # a clock set back must not lose a drop
        if not self._buckets or self._buckets[-1][0] != number:
            self._expire(number)
            self._buckets.append([number, 0, 0])
        self._buckets[-1][1] += answers
        self._buckets[-1][2] += drops
        for total in self._totals:
            total[0] += answers
            total[1] += drops

    def _expire(self, number: int) -> None:
        for window, (span, total) in enumerate(zip(self._spans, self._totals, strict=True)):
            start = self._starts[window]
            while start < len(self._buckets) and self._buckets[start][0] <= number - span:
                total[0] -= self._buckets[start][1]
                total[1] -= self._buckets[start][2]
                start += 1
            self._starts[window] = start
        gone = min(self._starts, default=0)
        for _ in range(gone):
            self._buckets.popleft()
        self._starts = [start - gone for start in self._starts]
