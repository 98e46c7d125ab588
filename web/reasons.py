"""What msgspec says of a value, as a field and a reason that has a sentence in each language."""

import re

from .problems import FieldError

_FORMS: tuple[tuple[str, str], ...] = (
    (r"Object missing required field `(?P<field>[^`]+)`", "missing"),
    (r"Object contains unknown field `(?P<field>[^`]+)`", "unknown"),
    (r"unknown id|Invalid enum value .*", "unknown"),
    (r"Expected `str` of length <= (?P<limit>\d+)", "at-most-characters"),
    (r"Expected `str` of length >= (?P<limit>\d+)", "at-least-characters"),
    (r"Expected `array` of length <= (?P<limit>\d+)", "at-most-items"),
    (r"Expected `(?:int|float)` <=? (?P<limit>[\d.e+-]+)", "at-most"),
    (r"Expected `(?:int|float)` >=? (?P<limit>[\d.e+-]+)", "at-least"),
    (r"Expected `str` matching regex .*", "characters"),
    (r"Invalid RFC3339 encoded (?:datetime|time)|Expected `datetime` with a timezone.*", "not a time"),
    (r"Expected `(?P<limit>[^`]+)`, got `[^`]+`", "type"),
)
_PATTERNS = tuple((re.compile(form), reason) for form, reason in _FORMS)
BODY = "body"
"""The field of what is wrong as a whole."""


def field_error(said: str) -> FieldError:
    """`said` is the text of a `msgspec.ValidationError`."""
    text, _, path = said.partition(" - at `$")
    place = path.rstrip("`").lstrip(".")
    for pattern, reason in _PATTERNS:
        if found := pattern.fullmatch(text):
            named = found.groupdict()
            field = ".".join(part for part in (place, named.get("field", "")) if part)
            return FieldError(field or BODY, reason, named.get("limit", ""))
    return FieldError(place or BODY, "invalid")
