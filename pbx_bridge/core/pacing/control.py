"""How much risk is allowed: a dual variable that learns it, a guard that keeps the promise.

The dual ascends on the price of a drop (Robbins & Monro 1951; Tassiulas & Georgiadis 2006): log θ += η·c for each
connected answer and -= η·(1 - c) for each drop, so that θ rests where the share of drops is c. The guard knows the
account: what may still be dropped under the cap, and how much of the future may be borrowed from.
"""

import math

import msgspec

STEP = 0.1
"""η, per answer."""
AIM = 0.97
"""Share of the cap that is aimed at with an even account."""
REPAY = 300.0
"""Answers over which an uneven account is evened out, fewer when fewer are left of the shift."""
BORROW = 0.5
"""Share of the near future's allowance that may be spent in advance."""
BORROW_HORIZON = 3600.0
"""Seconds of future that count as near."""
GUARDED_SECONDS = 60.0
"""The guard lets the dual alone from one drop and the allowance of this many seconds in hand."""

_LOWEST, _HIGHEST, _FIRST = math.log(0.003), math.log(0.9), math.log(0.07)


class ControlState(msgspec.Struct, frozen=True):
    """The control at rest."""

    log_theta: float = _FIRST
    guard: float = 0.0
    balance: float = 0.0


class Control:
    """θ, the greatest risk at which one more number is dialed."""

    def __init__(self, cap: float) -> None:
        self._cap = cap
        self.log_theta = _FIRST
        self.guard = 0.0
        self.balance = 0.0
        self._repay = REPAY

    def account(self, answers: float, drops: float, rate: float, left: float | None) -> None:
        """Take the tightest window's counters, `rate` in answers a second, `left` seconds of the shift."""
        near = BORROW_HORIZON if left is None else min(BORROW_HORIZON, max(left, 0.0))
        self.balance = self._cap * answers - drops
        self._repay = REPAY if left is None else min(REPAY, max(30.0, rate * left))
        spendable = self.balance - 1.0 + BORROW * self._cap * rate * near
        self.guard = min(1.0, max(0.0, spendable / (1.0 + self._cap * rate * GUARDED_SECONDS)))

    def connected(self) -> None:
        """An answer met its agent: a little more may be risked, unless the guard holds (no wind-up)."""
        if self.guard >= 1.0:
            self.log_theta = min(_HIGHEST, self.log_theta + STEP * self._target())

    def dropped(self) -> None:
        """An answer met silence."""
        self.log_theta = max(_LOWEST, self.log_theta - STEP * (1.0 - self._target()))

    @property
    def theta(self) -> float:
        """The risk allowed now."""
        return math.exp(self.log_theta) * self.guard

    def _target(self) -> float:
        aim = AIM * self._cap + self.balance / self._repay
        return min(1.5 * self._cap, max(0.2 * self._cap, aim))

    def state(self) -> ControlState:
        """Everything learned."""
        return ControlState(self.log_theta, self.guard, self.balance)

    def restore(self, state: ControlState) -> None:
        """Take up saved learning."""
        self.log_theta = min(_HIGHEST, max(_LOWEST, state.log_theta))
        self.guard, self.balance = state.guard, state.balance
