"""Which recordings have been kept long enough. Deleting them is somebody else's act, and an audit row."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from msgspec import Struct


class Kept(Struct, frozen=True):
    """A recording as retention sees it. `center`: None for calls of no center."""

    call: str
    center: int | None
    ended_at: datetime
    legal_hold: bool = False


class Policy(Struct, frozen=True):
    """Days to keep, by center; `days` for all others. None keeps for ever."""

    days: int | None = None
    by_center: Mapping[int, int | None] = {}

    def days_of(self, center: int | None) -> int | None:
        """How long a recording of this center is kept."""
        return self.by_center.get(center, self.days) if center is not None else self.days


def due(recordings: Iterable[Kept], policy: Policy, now: datetime) -> Iterator[Kept]:
    """Those to delete now: kept for all their days (a day is 24 hours after the call's end), not held."""
    for recording in recordings:
        days = policy.days_of(recording.center)
        if days is not None and not recording.legal_hold and recording.ended_at + timedelta(days=days) <= now:
            yield recording
