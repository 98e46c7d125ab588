"""Has the answer probability changed: the recent share of answers held against the long one.

Over several memories M (dials after which one counts 1/e) the share of answers is an exponentially weighted mean; while
nothing changes its variance is p·(1 - p) ÷ 2M (Roberts 1959, the EWMA control chart). A difference beyond chance is a
change, and of what was seen only the shortest memory that shows it can still be believed. Shares of a long memory alone
follow a step only in hundreds of dials: half an hour of too many drops, or of too few dials.
"""

import math

MEMORIES = (30.0, 75.0, 190.0, 480.0)
"""Dials, shortest first; apart by a factor, since a change twice as small takes four times as many to be seen."""
BEYOND_CHANCE = 4.0
"""Standard deviations: about one false alarm in some twenty shifts of 5,000 dials."""
SEEN = 2.0
"""Memories' worth of dials before a share is judged."""

RecentState = list[tuple[float, float]]
"""(answers, dials), weighted, of each memory."""


class Recent:
    """The share of answers over each of `MEMORIES`."""

    def __init__(self) -> None:
        self._shares: RecentState = [(0.0, 0.0)] * len(MEMORIES)

    def resolved(self, answered: float) -> None:
        """One more dial is over; `answered`: 1, 0, or the chance of an answer where we hung up."""
        self._shares = [
            (answers * (1.0 - 1.0 / memory) + answered, dials * (1.0 - 1.0 / memory) + 1.0)
            for memory, (answers, dials) in zip(MEMORIES, self._shares, strict=True)
        ]

    def changed(self, probability: float, seen: int) -> tuple[float, float] | None:
        """(answers, dials) to believe instead of a past that said `probability`; None: no change.

        seen: dials resolved so far.
        """
        for place, memory in enumerate(MEMORIES):
            answers, dials = self._shares[place]
            if seen < SEEN * memory or dials <= 0.0:
                return None
            share = answers / dials
            variance = max(share * (1.0 - share), probability * (1.0 - probability))
            weight = 2.0 * dials / (2.0 - dials / memory)  # (sum of weights)² ÷ sum of their squares
            if abs(share - probability) > BEYOND_CHANCE * math.sqrt(variance / weight):
                self._shares[place:] = [(answers, dials)] * (len(MEMORIES) - place)
                return answers, dials
        return None

    def state(self) -> RecentState:
        """The shares."""
        return list(self._shares)

    def restore(self, state: RecentState) -> None:
        """Take up saved shares; those of other memories than ours are begun anew."""
        fits = len(state) == len(MEMORIES)
        self._shares = list(state) if fits else [(0.0, 0.0)] * len(MEMORIES)
