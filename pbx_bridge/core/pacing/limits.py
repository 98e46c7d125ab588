"""From what the forecast wishes to what lines, carrier and list allow."""

from collections.abc import Hashable, Mapping

import msgspec

from pbx_bridge.core.pacing.records import Decision, Limit, Snapshot


class Wish(msgspec.Struct, frozen=True):
    """What a mode would do with lines and leads without end, and what bound it."""

    dials: int
    hang_up: tuple[Hashable, ...]
    limit: Limit
    explain: Mapping[str, float]
    leads: tuple[Hashable, ...] | None = None
    ask_again_at: float | None = None


class RateState(msgspec.Struct, frozen=True):
    """A bucket at rest: tokens (None: never asked) and when they were counted."""

    tokens: float | None = None
    at: float = 0.0


class CallRate:
    """Calls per second as a bucket of tokens that holds one second's worth, at least one call."""

    def __init__(self) -> None:
        self._tokens: float | None = None
        self._at = 0.0

    def allowed(self, rate: float, now: float) -> int:
        """Calls that may be started now."""
        depth = max(1.0, rate)
        if self._tokens is None:
            self._tokens = depth
        else:
            self._tokens = min(depth, self._tokens + rate * (now - self._at))
        self._at = now
        return int(self._tokens + 1e-9)

    def spend(self, calls: int) -> None:
        """Calls were started."""
        if self._tokens is not None:
            self._tokens -= calls

    def state(self) -> RateState:
        """The bucket."""
        return RateState(self._tokens, self._at)

    def restore(self, state: RateState) -> None:
        """Take up a saved bucket."""
        self._tokens, self._at = state.tokens, state.at


def cut(wish: Wish, snapshot: Snapshot, call_rate: CallRate, now: float) -> Decision:
    """The decision: the wish within free channels, calls per second and leads; the tightest one is its limit."""
    dials, limit = wish.dials, wish.limit
    if snapshot.free_channels is not None and snapshot.free_channels < dials:
        dials, limit = max(0, snapshot.free_channels), "channels"
    leads_left = _leads_left(snapshot)
    if leads_left is not None and leads_left < dials:
        dials, limit = leads_left, "list_empty"
    if snapshot.calls_per_second is not None:
        allowed = call_rate.allowed(max(0.0, snapshot.calls_per_second), now)
        if allowed < dials:
            dials, limit = allowed, "cps"
        call_rate.spend(dials)
    chosen = tuple(lead.id for lead in snapshot.hopper) if wish.leads is None else wish.leads
    leads = chosen[:dials]
    return Decision(dials, leads, wish.hang_up, limit, wish.explain, wish.ask_again_at)


def _leads_left(snapshot: Snapshot) -> int | None:
    left = None if snapshot.leads_left is None else max(0, snapshot.leads_left)
    if not snapshot.hopper:
        return left
    return len(snapshot.hopper) if left is None else min(left, len(snapshot.hopper))
