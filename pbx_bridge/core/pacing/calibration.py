"""Are the forecasts right: realised ÷ predicted, over the last dozens of events.

Every few seconds the expected number of answers (or freed agents) within the next few seconds is written down; when
they have passed it is held against what happened. Hazards learn in hundreds of events, this in about sixty, so it
carries the pacer over a change of the world until the hazards have followed.
"""

import math

import msgspec

MEMORY = 60.0
"""Expected events after which one counts 1/e."""
CHANCE = 1.5
"""Standard deviations (of a Poisson count) that are put down to chance and not corrected."""
FAILED = 3.0
"""Standard deviations from which the world is taken to have changed."""


class CalibrationState(msgspec.Struct, frozen=True):
    """A calibration at rest."""

    expected: float = MEMORY / 2.0
    realised: float = MEMORY / 2.0
    opened_at: float = 0.0
    closes_at: float = 0.0
    pending: float = 0.0
    happened: float = 0.0


class Calibration:
    """Realised ÷ predicted of one kind of event, clipped to `lowest`..`highest`."""

    def __init__(self, lowest: float = 0.5, highest: float = 2.0) -> None:
        self._lowest, self._highest = lowest, highest
        self._expected = MEMORY / 2.0
        self._realised = MEMORY / 2.0
        self._opened_at = 0.0
        self._closes_at = 0.0
        self._pending = 0.0
        self._happened = 0.0

    @property
    def factor(self) -> float:
        """What a forecast is to be multiplied by."""
        surprise = self._realised - self._expected
        beyond_chance = math.copysign(max(0.0, abs(surprise) - CHANCE * math.sqrt(self._expected)), surprise)
        return min(self._highest, max(self._lowest, 1.0 + beyond_chance / self._expected))

    @property
    def failed(self) -> bool:
        """Do the last forecasts differ from what happened beyond all chance?"""
        return abs(self._realised - self._expected) > FAILED * math.sqrt(max(self._expected, self._realised))

    def start_over(self) -> None:
        """The cause has been dealt with: believe the forecasts again, for now."""
        self._expected = self._realised = MEMORY / 2.0

    def due(self, now: float) -> bool:
        """Has the last forecast run out, so that a new one may be written down?"""
        return now >= self._closes_at

    def expect(self, events: float, now: float, within: float) -> None:
        """Write down that `events` are forecast (uncalibrated) before `now + within`; settles the last forecast."""
        if self._pending > 0.0:
            keep = math.exp(-self._pending / MEMORY)
            self._expected = self._expected * keep + self._pending
            self._realised = self._realised * keep + self._happened
        self._opened_at, self._closes_at = now, now + within
        self._pending, self._happened = events, 0.0

    def happened(self, begun_at: float, at: float) -> None:
        """An event at `at` of something that had begun at `begun_at`: counts if the forecast covered it."""
        if begun_at <= self._opened_at and at < self._closes_at:
            self._happened += 1.0

    def state(self) -> CalibrationState:
        """Everything learned."""
        return CalibrationState(
            self._expected, self._realised, self._opened_at, self._closes_at, self._pending, self._happened
        )

    def restore(self, state: CalibrationState) -> None:
        """Take up saved learning."""
        self._expected, self._realised = max(1.0, state.expected), max(0.0, state.realised)
        self._opened_at, self._closes_at = state.opened_at, state.closes_at
        self._pending, self._happened = state.pending, state.happened
