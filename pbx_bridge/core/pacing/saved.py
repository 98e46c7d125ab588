"""The pacer at rest: what outlives a restart and a new version."""

from collections.abc import Mapping

import msgspec

from pbx_bridge.core.pacing.choosing import ChooserState
from pbx_bridge.core.pacing.control import ControlState
from pbx_bridge.core.pacing.forecast import ForecasterState
from pbx_bridge.core.pacing.limits import RateState
from pbx_bridge.core.pacing.records import BadPacingInput


class PacerState(msgspec.Struct, frozen=True):
    """All but the first two fields have a first value: an older state lacks nothing, a newer one only adds."""

    forecaster: ForecasterState
    control: ControlState
    chooser: ChooserState = ChooserState()
    call_rate: RateState = RateState()
    answer_rate: tuple[float, float] = (0.0, 0.0)
    ledger: list[list[int]] = []
    began: float | None = None
    now: float | None = None


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
    rings, frees = saved.forecaster.rings, saved.forecaster.frees
    for law in (rings.answer, rings.failure, frees.talk, frees.wrap):
        if not len(law.edges) - 1 == len(law.events) == len(law.exposure) or law.weight <= 0.0:
            raise BadPacingInput("state: a hazard's lists do not fit one another")
    if any(len(bucket) != 3 or min(bucket[1:]) < 0 for bucket in saved.ledger):
        raise BadPacingInput("state: a ledger bucket is not (number, answers, drops)")
    return saved
