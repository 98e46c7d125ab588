"""When busy agents become free: what is left of the talk, then the wrap-up."""

import msgspec
import numpy as np

from pbx_bridge.core.pacing.hazards import Floats, Hazard, HazardState, growing_edges

_TALK_STEP = 4.0
_TALK_LONGEST = 1800.0
_WRAP_STEP = 0.5
_WRAP_LONGEST = 180.0


class FreeState(msgspec.Struct, frozen=True):
    """Free laws at rest. talking, wrapping: ages in progress at the last refresh; pending: seen since."""

    talk: HazardState
    wrap: HazardState
    talks: int = 0
    wraps: int = 0
    talking: list[float] = []
    wrapping: list[float] = []
    within: list[float] = []
    pending: list[tuple[float, bool]] = []


class FreeLaws:
    """Talk and wrap-up times of one campaign, and the chance of an agent to be free within some seconds."""

    def __init__(self, memory: float = 400.0) -> None:
        self._talk = Hazard(growing_edges(4.0, 0.12, 7200.0), 120.0, memory)
        self._wrap = Hazard(growing_edges(1.0, 0.08, 1800.0), 20.0, memory)
        self._talks = 0
        self._wraps = 0
        self._talk_rows = int(_TALK_LONGEST / _TALK_STEP)
        self._wrap_rows = int(_WRAP_LONGEST / _WRAP_STEP)
        self._pending: list[tuple[float, bool]] = []  # seconds, was it a talk
        self._rebuild(np.empty(0), np.empty(0), np.full(8, 10.0))

    @property
    def news(self) -> int:
        """Talks and wrap-ups that ended since the tables were worked out."""
        return len(self._pending)

    def talk_ended(self, seconds: float) -> None:
        """One conversation is over."""
        self._pending.append((seconds, True))

    def wrap_ended(self, seconds: float) -> None:
        """One agent's after-call work is over."""
        self._pending.append((seconds, False))

    def refresh(self, talking: Floats, wrapping: Floats, within: Floats) -> None:
        """Work out P(free within each of `within` | age), with the ages in progress as censored exposure.

        free(τ | a) = Σu [S(a + u) - S(a + u + 1)] / S(a) · W(τ - u - ½):
        the talk ends in some second, the wrap-up in what is left of τ.
        """
        for seconds, was_talk in self._pending:
            (self._talk if was_talk else self._wrap).ended(seconds)
            self._talks += was_talk
            self._wraps += not was_talk
        self._pending.clear()
        self._rebuild(talking, wrapping, within)

    def _rebuild(self, talking: Floats, wrapping: Floats, within: Floats) -> None:
        self._at_refresh = talking, wrapping, within
        ages: Floats = np.arange(float(self._wrap_rows)) * _WRAP_STEP
        lasting = self._wrap.survival(wrapping, None, ages[:, None] + np.concatenate(([0.0], within)))
        self._wrap_table = 1.0 - lasting[:, 1:] / lasting[:, :1]
        with_wrap = min(1.0, (self._wraps + len(wrapping) + 2.0) / (self._talks + 2.0))
        horizon = int(np.ceil(within[-1])) + 1
        seconds_on: Floats = np.arange(float(horizon)) + 0.5
        ends: Floats = within - seconds_on[:, None]
        wrapped = 1.0 - self._wrap.survival(wrapping, None, np.maximum(ends, 0.0))
        done = np.where(ends > 0.0, with_wrap * wrapped + 1.0 - with_wrap, 0.0)
        grid = np.arange(_TALK_LONGEST + horizon + 1.0)
        survival = self._talk.survival(talking, None, grid)
        starts = (np.arange(self._talk_rows) * _TALK_STEP).astype(np.intp)
        ending = (survival[:-1] - survival[1:])[starts[:, None] + np.arange(horizon)]
        self._talk_table = (ending @ done) / survival[starts][:, None]

    def free_within(self, talking: Floats, wrapping: Floats) -> Floats:
        """P(free within each of the refreshed seconds), one row a busy agent, talkers first."""
        talk_rows = np.minimum(talking / _TALK_STEP, self._talk_rows - 1).astype(np.intp)
        wrap_rows = np.minimum(wrapping / _WRAP_STEP, self._wrap_rows - 1).astype(np.intp)
        return np.concatenate((self._talk_table[talk_rows], self._wrap_table[wrap_rows]))

    def state(self) -> FreeState:
        """Everything learned."""
        talking, wrapping, within = self._at_refresh
        return FreeState(
            talk=self._talk.state(),
            wrap=self._wrap.state(),
            talks=self._talks,
            wraps=self._wraps,
            talking=talking.tolist(),
            wrapping=wrapping.tolist(),
            within=within.tolist(),
            pending=list(self._pending),
        )

    def restore(self, state: FreeState) -> None:
        """Take up saved learning."""
        self._talk.restore(state.talk)
        self._wrap.restore(state.wrap)
        self._talks, self._wraps = state.talks, state.wraps
        self._pending = list(state.pending)
        if state.within:
            self._rebuild(np.array(state.talking), np.array(state.wrapping), np.array(state.within))
