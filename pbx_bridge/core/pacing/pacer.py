"""The pacer: told what happened, shown the campaign, answers how many numbers to dial now."""

import math
from collections.abc import Mapping
from typing import assert_never

from pbx_bridge.core.pacing.checks import check_policy, check_snapshot, finite
from pbx_bridge.core.pacing.choosing import Chooser
from pbx_bridge.core.pacing.control import Control
from pbx_bridge.core.pacing.forecast import AnswerRate, Forecaster
from pbx_bridge.core.pacing.ledger import DropLedger
from pbx_bridge.core.pacing.limits import CallRate, Wish, cut
from pbx_bridge.core.pacing.predictive import Predictive
from pbx_bridge.core.pacing.records import (
    Connected,
    Decision,
    DialResolved,
    Dropped,
    Event,
    Limit,
    Policy,
    Snapshot,
    TalkEnded,
    WrapUpEnded,
)
from pbx_bridge.core.pacing.saved import PacerState, pack, unpack
from pbx_bridge.core.pacing.views import available_agents, scene


class Pacer:
    """The dialing engine of one campaign: pure, deterministic, seconds of one monotonic clock.

    `observe` what happens, in order; `decide` as often as something changed. A time that goes back is read as no time
    having passed; a NaN or infinite one raises BadPacingInput and changes nothing.
    """

    def __init__(self, policy: Policy) -> None:
        check_policy(policy)
        self.policy = policy
        self._forecaster = Forecaster(policy)
        self._control = Control(policy.cap)
        self._chooser = Chooser()
        self._predictive = Predictive(policy, self._forecaster, self._control, self._chooser)
        self._ledger = DropLedger(policy.windows)
        self._answer_rate = AnswerRate()
        self._call_rate = CallRate()
        self._began: float | None = None
        self._now: float | None = None

    def observe(self, event: Event) -> None:
        """Learn from one thing that happened. Raises BadPacingInput for a time that is no number."""
        at = finite(event.at, "at")
        match event:
            case DialResolved():
                self._resolved(event, finite(event.placed_at, "placed_at"), at)
            case Connected():
                self._control.connected()
            case Dropped():
                self._control.dropped()
                self._ledger.dropped(at)
            case TalkEnded():
                self._forecaster.talk_ended(max(0.0, finite(event.seconds, "seconds")))
            case WrapUpEnded():
                self._forecaster.wrap_ended(max(0.0, finite(event.seconds, "seconds")), at)
            case _:
                assert_never(event)

    def decide(self, snapshot: Snapshot, now: float) -> Decision:
        """How many numbers to dial at `now`, and which, and whom to hang up. Raises BadPacingInput."""
        now = finite(now, "now")
        check_snapshot(snapshot)
        now = now if self._now is None else max(self._now, now)
        seen = scene(snapshot, now)  # refuses what cannot be, before anything is changed
        self._now = now
        self._began = now if self._began is None else self._began
        match self.policy.mode:
            case "progressive":
                wish = _fixed(snapshot, 1.0)
            case "multiplier":
                wish = _fixed(snapshot, self.policy.multiplier)
            case "predictive":
                self._settle(snapshot, now, now - self._began)
                wish = self._predictive.wish(snapshot, seen, now, now - self._began)
            case _:
                assert_never(self.policy.mode)
        return cut(wish, snapshot, self._call_rate, now)

    def answer_chance(self, rung: float, own: float | None = None) -> float:
        """Probability that a call that has rung for so many seconds will still be answered.

        own: the lead's answer probability, if known. What an AnswerModel is told of a call that we hung up.
        """
        return self._forecaster.rings.posterior(max(0.0, finite(rung, "rung")), own)

    def state(self) -> dict[str, object]:
        """Everything learned, as plain JSON-able values; times are of the pacer's clock, which must go on."""
        return pack(
            PacerState(
                forecaster=self._forecaster.state(),
                control=self._control.state(),
                chooser=self._chooser.state(),
                call_rate=self._call_rate.state(),
                answer_rate=self._answer_rate.state(),
                ledger=self._ledger.state(),
                began=self._began,
                now=self._now,
            )
        )

    def restore(self, state: Mapping[str, object]) -> None:
        """Go on as if never stopped. What another version did not save keeps its first value.

        Raises BadPacingInput, and changes nothing, for a state that is not one.
        """
        saved = unpack(state)
        self._forecaster.restore(saved.forecaster)
        self._control.restore(saved.control)
        self._chooser.restore(saved.chooser)
        self._call_rate.restore(saved.call_rate)
        self._answer_rate.restore(saved.answer_rate)
        self._ledger.restore(saved.ledger)
        self._began, self._now = saved.began, saved.now

    def _settle(self, snapshot: Snapshot, now: float, watched: float) -> None:
        """Bring the control's account up to date, by the window that leaves least."""
        windows = snapshot.ledger or self._ledger.counts(now)
        answers, drops = min(windows, key=lambda counts: self.policy.cap * counts[0] - counts[1], default=(0, 0))
        left = None if snapshot.shift_ends_at is None else snapshot.shift_ends_at - now
        self._control.account(answers, drops, self._answer_rate.rate(now, watched), left)

    def _resolved(self, event: DialResolved, placed_at: float, at: float) -> None:
        if event.outcome == "trimmed":
            self._forecaster.cut_short(placed_at, at)
            return
        answered = event.outcome == "answered"
        self._forecaster.resolved(placed_at, at, answered)
        if answered:
            self._ledger.answered(at)
            self._answer_rate.answered(at)


def _fixed(snapshot: Snapshot, factor: float) -> Wish:
    """Progressive and multiplier: so many dials an agent who is free."""
    available = available_agents(snapshot)
    ringing = len(snapshot.dials)
    target = math.floor(max(0, available) * factor + 1e-9)
    explain = {"available_agents": available, "ringing": ringing, "factor": factor}
    limit: Limit = "multiplier" if available > 0 and factor > 1.0 else "agents"
    return Wish(max(0, target - ringing), (), limit, explain)
