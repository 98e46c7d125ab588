"""Refusing what cannot be, before anything is changed."""

import math

from pbx_bridge.core.pacing.records import BadPacingInput, Policy, Snapshot


def finite(value: float, field: str) -> float:
    """The value, if it is a finite number."""
    if isinstance(value, (int, float)) and math.isfinite(value):
        return float(value)
    raise BadPacingInput(f"{field}: not a finite number: {value!r}")


def check_policy(policy: Policy) -> None:
    """Raise BadPacingInput for a policy outside its ranges."""
    if policy.mode not in ("progressive", "predictive", "multiplier"):
        raise BadPacingInput(f"mode: unknown: {policy.mode!r}")
    _within(policy.cap, 0.0, 1.0, "cap")
    _within(policy.grace, 0.0, 60.0, "grace")
    _within(policy.ring_timeout, 5.0, 180.0, "ring_timeout")
    _within(policy.minimum_ring, 0.0, 180.0, "minimum_ring")
    _within(policy.multiplier, 1.0, 20.0, "multiplier")
    _within(policy.prior_answer_probability, 0.001, 0.999, "prior_answer_probability")
    for window in policy.windows:
        _within(window, 60.0, 366 * 86_400.0, "windows")


def check_snapshot(snapshot: Snapshot) -> None:
    """Raise BadPacingInput for limits or counts that cannot be."""
    if snapshot.shift_ends_at is not None:
        finite(snapshot.shift_ends_at, "shift_ends_at")
    if snapshot.calls_per_second is not None:
        finite(snapshot.calls_per_second, "calls_per_second")
    for answers, drops in snapshot.ledger:
        if not 0 <= drops <= answers:
            raise BadPacingInput(f"ledger: {drops!r} drops among {answers!r} answers")


def _within(value: float, lowest: float, highest: float, field: str) -> None:
    if not lowest <= finite(value, field) <= highest:
        raise BadPacingInput(f"{field}: {value!r} is not between {lowest:g} and {highest:g}")
