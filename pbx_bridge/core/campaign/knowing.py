"""Which leads are likely to answer: a job's own model, fed by its own dials."""

from datetime import datetime
from typing import assert_never
from zoneinfo import ZoneInfo

import phonenumbers
from msgspec.structs import replace
from phonenumbers import PhoneNumberType

from pbx_bridge.core.commands import Lead
from pbx_bridge.core.facts import AttemptResult
from pbx_bridge.core.pacing import AnswerModel
from pbx_bridge.core.pacing.features import SIZE, LastResult, LeadFacts, NumberType, encode

Features = tuple[float, ...]

_TYPES: dict[int, NumberType] = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "fixed",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed",
    PhoneNumberType.VOIP: "ip",
    PhoneNumberType.TOLL_FREE: "toll_free",
}


def features(lead: Lead, now: float) -> Features:
    """What is known of a lead at `now` (epoch seconds), as the model wants it."""
    here = datetime.fromtimestamp(now, ZoneInfo(lead.zone))
    kind, area = _number(lead.number)
    return encode(
        LeadFacts(
            hour=here.hour + here.minute / 60.0,
            weekday=here.weekday(),
            attempt=lead.attempts + 1,
            last_result=_last(lead.last_result),
            last_result_age=0.0 if lead.last_at is None else max(0.0, now - lead.last_at),
            number_type=kind,
            area=area,
        )
    )


def _number(number: str) -> tuple[NumberType, str]:
    try:
        parsed = phonenumbers.parse(number, "JP")
    except phonenumbers.NumberParseException:
        return "unknown", ""
    national = phonenumbers.national_significant_number(parsed)
    area = national[: phonenumbers.length_of_geographical_area_code(parsed)]
    return _TYPES.get(phonenumbers.number_type(parsed), "unknown"), area


def _last(result: AttemptResult | None) -> LastResult:
    match result:
        case None:
            return "none"
        case "connected" | "abandoned":
            return "answered"
        case "busy" | "failed" | "machine" | "no_answer":
            return result
        case "trimmed" | "lost" | "cancelled":
            return "no_answer"
        case _:
            assert_never(result)


class Knowing:
    """One job's model. Until it ranks better than chance it says nothing, and the common probability holds."""

    def __init__(self, prior: float) -> None:
        self.model = AnswerModel(SIZE, prior)

    def known(self, lead: Lead, now: float) -> Lead:
        """The lead with its answer probability, if the model has one and nobody gave it another."""
        if lead.answer_probability is not None or not self.model.useful:
            return lead
        return replace(lead, answer_probability=self.model.probability(features(lead, now)))

    def answered(self, asked: Features) -> None:
        """A person picked up."""
        self.model.learn(asked, 1.0)

    def unanswered(self, asked: Features, result: AttemptResult, still: float) -> None:
        """A dial ended while it rang. One that we hung up teaches by `still`, its chance of being answered yet; what
        never reached a phone teaches nothing."""
        match result:
            case "busy" | "no_answer" | "machine":
                self.model.learn(asked, 0.0)
            case "trimmed":
                self.model.learn(asked, still)
            case "connected" | "abandoned" | "failed" | "lost" | "cancelled":
                pass
            case _:
                assert_never(result)
