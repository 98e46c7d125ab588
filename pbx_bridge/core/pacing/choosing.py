"""Which lead to dial at which moment, where leads are known to differ.

A dial adds p·risk drops and p·(1 - risk) talks, so whether to dial does not depend on p. What a sure lead is worth
depends on the moment: one that is sure of exactly one spare agent gets a lead that is likely to answer, a risky or a
slack one gets an unlikely one. Nobody is called more or less for it: moments are ranked among past moments, leads
among their neighbours, and a lead that many newer ones have overtaken goes next.
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Hashable, Sequence

import msgspec

from pbx_bridge.core.pacing.records import LeadView

OVERTAKEN = 4
"""Hopper-fuls of newer leads that may overtake one lead."""
CLOSING = 1800.0
"""Seconds before the shift's end over which the choice narrows to list order."""

_MOMENTS = 256


class ChooserState(msgspec.Struct, frozen=True):
    """The chooser at rest: recent moments, oldest first, and how often each lead at hand was overtaken."""

    moments: list[float] = []
    overtaken: list[tuple[str | int, int]] = []


class Chooser:
    """Matches leads to moments."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque()
        self._ranked: list[float] = []
        self._overtaken: dict[Hashable, int] = {}

    def open(self, hopper: Sequence[LeadView], left: float | None) -> list[LeadView]:
        """The leads to choose among now, in list order; `left`: seconds of the shift."""
        share = 1.0 if left is None else min(1.0, max(0.0, left / CLOSING))
        at_hand = list(hopper[: max(1, round(share * len(hopper)))])
        self._overtaken = {lead.id: self._overtaken.get(lead.id, 0) for lead in hopper}
        return at_hand

    def choose(self, at_hand: list[LeadView], common: float, one_spare: float, strain: float) -> LeadView:
        """Take the lead for this moment out of `at_hand`.

        common: answer probability of leads without their own. one_spare: probability of exactly one spare agent.
        strain: risk ÷ allowed risk.
        """
        rank = self._rank(0.5 * (1.0 - one_spare) + 0.5 * min(1.0, strain))
        due = [place for place, lead in enumerate(at_hand) if self._patience_ended(lead, len(at_hand))]
        if due:
            place = due[0]
        else:
            order = sorted(range(len(at_hand)), key=lambda i: (_believed(at_hand[i], common), -i))
            place = order[min(len(order) - 1, int((1.0 - rank) * len(order)))]
        for passed in at_hand[:place]:
            self._overtaken[passed.id] = self._overtaken.get(passed.id, 0) + 1
        return at_hand.pop(place)

    def state(self) -> ChooserState:
        """What is remembered; leads with other ids than texts and numbers begin anew."""
        overtaken = [(lead, n) for lead, n in self._overtaken.items() if n and isinstance(lead, (str, int))]
        return ChooserState(list(self._recent), overtaken)

    def restore(self, state: ChooserState) -> None:
        """Take up what was remembered."""
        self._recent = deque(state.moments)
        self._ranked = sorted(state.moments)
        self._overtaken = dict(state.overtaken)

    def _patience_ended(self, lead: LeadView, size: int) -> bool:
        return self._overtaken.get(lead.id, 0) >= OVERTAKEN * size

    def _rank(self, moment: float) -> float:
        """Share of the recent moments below this one; equal ones count half."""
        low = bisect_left(self._ranked, moment)
        high = low
        while high < len(self._ranked) and self._ranked[high] == moment:
            high += 1
        rank = (low + 0.5 * (high - low) + 0.5) / (len(self._ranked) + 1.0)
        self._recent.append(moment)
        insort(self._ranked, moment)
        if len(self._recent) > _MOMENTS:
            del self._ranked[bisect_left(self._ranked, self._recent.popleft())]
        return rank


def _believed(lead: LeadView, common: float) -> float:
    return common if lead.answer_probability is None else lead.answer_probability
