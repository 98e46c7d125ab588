"""Asking for dial-operation ID and password, three times at most."""

from typing import Final

from pbx_bridge.core.errors import Refused
from pbx_bridge.ports.accounts import Account

from .operations import Operations
from .talk import Talk

TRIES: Final = 3


async def ask_credentials(talk: Talk, operations: Operations, origin: str) -> Account:
    """The proven account; a wrong try is told and asked again.

    Raises `Refused`: wrong-credentials or no-input after the last try, locked, not-an-agent; `Unreachable`.
    """
    told: tuple[str, ...] = ()
    for left in range(TRIES - 1, -1, -1):
        dial_id = await talk.entry(*told, "enter-id")
        password = await talk.entry("enter-password") if dial_id else ""
        if not password:
            told = ("no-input",)
            continue
        try:
            return await talk.during(operations.credentials.check(dial_id, password, origin))
        except Refused as refusal:
            if refusal.id != "wrong-credentials" or left == 0:
                raise
            told = (refusal.id,)
    raise Refused("no-input")
