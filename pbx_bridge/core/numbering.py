"""One rule for telephone numbers: however a carrier writes a number of our own country, it is the one people dial.

`+81 90-1234-5678`, `00819012345678`, `819012345678` and `090-1234-5678` are one phone. The rule is prefixes only, so
that Asterisk can follow it with the bridge away (`dialplan.inbound` renders it); what is known beyond that, lengths and
kinds, is asked where it matters, when customer lists are imported (`services.import_leads`, by phonenumbers).
"""

import re

from msgspec import Struct

SHORTEST = 8
"""Digits behind a country code: fewer are no subscriber's number, and may begin like the code by chance."""

_KEPT = re.compile(r"[^0-9+]")


class Numbering(Struct, frozen=True, forbid_unknown_fields=True):
    """A country's: E.164 country code, the digit people dial before an area code (may be empty), and what they dial
    before a foreign number."""

    country_code: str = "81"
    trunk_prefix: str = "0"
    international_prefixes: tuple[str, ...] = ("010", "00")

    def abroad(self) -> tuple[str, ...]:
        """How a number of this country may begin when it is not written as at home. Without a trunk prefix a bare
        country code could be an area code, and is left alone."""
        bare = (self.country_code,) if self.trunk_prefix else ()
        return (f"+{self.country_code}", *(f"{p}{self.country_code}" for p in self.international_prefixes), *bare)

    def is_outside(self, dialed: str) -> bool:
        """Whether what a phone of ours dialed is a number, not an extension or a code: by its length alone."""
        return dialed.isdigit() and dialed.startswith(self.trunk_prefix) and len(dialed) > SHORTEST

    def home(self, number: str) -> str:
        """As it is dialed at home; a foreign number, and what is none at all, keeps its digits and its plus."""
        kept = _KEPT.sub("", number)
        for prefix in self.abroad():
            rest = kept.removeprefix(prefix)
            if rest != kept and len(rest) >= SHORTEST and rest[:SHORTEST].isdigit():
                return self.trunk_prefix + rest.replace("+", "")
        return kept
