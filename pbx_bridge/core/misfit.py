"""What msgspec says of a configuration, as one line that says how to mend it."""

import re

_FORMS: tuple[tuple[str, str], ...] = (
    (r"Object contains unknown field `(.+)`", "`{0}` is no setting here: correct its spelling or take it out"),
    (r"Object missing required field `(.+)`", "`{0}` is missing: set it"),
    (r"Expected `(.+)`, got `(.+)`", "should be {0}, and is {1}"),
    (r"Expected `(.+)` <= (.+)", "should be {0}, {1} at most"),
    (r"Expected `(.+)` >= (.+)", "should be {0}, {1} at least"),
    (r"Invalid enum value (.+)", "{0} is none of those it can be"),
    (r"Expected (.+)", "should be {0}"),
)
_TYPES = {
    "str": "text in quotes",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list in [ ]",
    "object": "a table",
    "null": "nothing",
}
_PLAIN = re.compile("|".join(rf"\b{name}\b" for name in _TYPES))


def _plain(name: re.Match[str]) -> str:
    return _TYPES[name[0]]


def misfit(said: str) -> str:
    """`said` is the text of a `msgspec.ValidationError`."""
    text, _, path = said.partition(" - at `$")
    place = path.rstrip("`").lstrip(".")
    for form, words in _FORMS:
        if found := re.fullmatch(form, text):
            named = "field" in form
            text = words.format(*(part if named else _PLAIN.sub(_plain, part) for part in found.groups()))
            break
    return f"{place}: {text}" if place else text
