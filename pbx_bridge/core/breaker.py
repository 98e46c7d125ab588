"""The carrier's circuit-breaker: when dial after dial fails at the carrier, stop, then try one now and again."""

TRIP = 5
"""Failures in a row that open it."""
FIRST_REST = 10.0
LONGEST_REST = 60.0


class Breaker:
    """Closed: dial. Open: nothing until `rests_until`. Then one probe decides; each failed probe doubles the rest."""

    def __init__(self) -> None:
        self._failures = 0
        self._rest = FIRST_REST
        self._rests_until: float | None = None
        self._probing = False

    def allows(self, now: float, dials: int) -> int:
        """How many of `dials` may leave at `now` (epoch seconds)."""
        if self._rests_until is None:
            return dials
        return 0 if self._probing or now < self._rests_until else min(1, dials)

    def placed(self) -> None:
        """A dial left; while open it is the probe."""
        self._probing = self._rests_until is not None

    def succeeded(self) -> None:
        """The carrier did its work (answered, busy and no answer alike)."""
        self.__init__()  # type: ignore[misc]  # closed again means new again

    def failed(self, now: float) -> None:
        """The carrier refused or could not be reached."""
        self._failures += 1
        if self._probing:
            self._probing, self._rest = False, min(2 * self._rest, LONGEST_REST)
            self._rests_until = now + self._rest
        elif self._failures >= TRIP and self._rests_until is None:
            self._rests_until = now + self._rest
