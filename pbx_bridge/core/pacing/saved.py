"""The pacer at rest: what outlives a restart and a new version."""

from collections.abc import Mapping

import msgspec

from pbx_bridge.core.pacing.answers import RingState
from pbx_bridge.core.pacing.calibration import CalibrationState
from pbx_bridge.core.pacing.control import ControlState
from pbx_bridge.core.pacing.frees import FreeState
from pbx_bridge.core.pacing.limits import RateState
from pbx_bridge.core.pacing.records import BadPacingInput


class PacerState(msgspec.Struct, frozen=True):
    """Every field but the laws and the control has a first value, so an older state lacks nothing and a newer one only adds."""

    rings: RingState
    frees: FreeState
    control: ControlState
    answer_check: CalibrationState = CalibrationState()
    free_check: CalibrationState = CalibrationState()
    call_rate: RateState = RateState()
    ledger: list[list[int]] = []
    began: float | None = None
    now: float | None = None
    refreshed_at: float | None = None
    answers_weighed: float = 0.0
    answers_weighed_at: float = 0.0


def pack(state: PacerState) -> dict[str, object]:
    """Plain dicts, lists and numbers."""
    plain: dict[str, object] = msgspec.to_builtins(state)
    return plain


def unpack(state: Mapping[str, object]) -> PacerState:
    """The saved state, unknown fields ignored. Raises BadPacingInput when it is not one."""
    try:
        saved = msgspec.convert(dict(state), PacerState)
    except (msgspec.ValidationError, TypeError, ValueError) as error:
        raise BadPacingInput(f"state: {error}") from error
    for law in (saved.rings.answer, saved.rings.failure, saved.frees.talk, saved.frees.wrap):
        if not len(law.edges) - 1 == len(law.events) == len(law.exposure) or law.weight <= 0.0:
            raise BadPacingInput("state: a hazard's lists do not fit one another")
    if any(len(bucket) != 3 or min(bucket[1:]) < 0 for bucket in saved.ledger):
        raise BadPacingInput("state: a ledger bucket is not (number, answers, drops)")
    return saved
