"""What a step of the switchboard results in."""

from msgspec import Struct, field

from .actions import Action
from .commands import ClaimLeads
from .facts import Fact


class Outcome(Struct):
    """Facts to write, actions for Asterisk, leads to fetch: in this order, grown while a step runs."""

    facts: list[Fact] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    claims: list[ClaimLeads] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.facts or self.actions or self.claims)
