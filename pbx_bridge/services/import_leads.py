"""Customer lists: numbers become E.164, what cannot be dialed is told apart with its line, doubles are counted."""

from collections.abc import Sequence
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from msgspec import Struct
from msgspec.structs import replace
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from pbx_bridge.ports.campaigns import LeadError, NewLead

REGION = "JP"
"""Where numbers without a country are taken to be."""
_REFUSED_TYPES = {PhoneNumberType.PREMIUM_RATE: "premium-rate", PhoneNumberType.SHARED_COST: "shared-cost"}
_LONGEST_NAME = 200


class Normalised(Struct, frozen=True):
    """Leads ready for the list in their order, how many were the same number again, and what could not be used."""

    leads: list[NewLead]
    duplicates: int
    errors: list[LeadError]


class Unusable(ValueError):
    """A field that no lead may have; the text is a stable word."""


def normalise(rows: Sequence[NewLead]) -> Normalised:
    """Pure, about 30 µs a row. Of the same number twice the first stays. Rows without a line count from 1."""
    leads: dict[str, NewLead] = {}
    errors: list[LeadError] = []
    for position, row in enumerate(rows, 1):
        field, value = "number", row.number
        try:
            number = e164(row.number)
            field, value = "zone", row.zone
            _check_zone(row.zone)
            field, value = "name", row.name
            _check_texts(row)
        except Unusable as reason:
            errors.append(LeadError(row.line or position, field, str(reason), value[:200].replace("\0", "")))
        else:
            leads.setdefault(number, replace(row, number=number))
    return Normalised(list(leads.values()), len(rows) - len(errors) - len(leads), errors)


def e164(text: str, region: str = REGION) -> str:
    """`090-1234-5678` → `+819012345678`. Raises `Unusable`: not-a-number, not-valid, premium-rate, shared-cost."""
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        raise Unusable("not-a-number") from None
    if not phonenumbers.is_valid_number(number) or number.extension:
        raise Unusable("not-valid")
    refused = _REFUSED_TYPES.get(phonenumbers.number_type(number))
    if refused:
        raise Unusable(refused)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


@lru_cache(maxsize=512)
def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # unknown; a path; a folder of the zone files
        raise Unusable("unknown-zone") from None


def _check_texts(row: NewLead) -> None:
    if len(row.name) > _LONGEST_NAME:
        raise Unusable("too-long")
    if "\0" in row.name or any("\0" in word for pair in row.fields.items() for word in pair):
        raise Unusable("not-text")
