"""Check a dial-operation ID and password as keyed on a phone; wrong tries are counted per ID and per terminal."""

import asyncio
from weakref import WeakValueDictionary

from pbx_bridge.core.errors import Refused
from pbx_bridge.ports.accounts import Account, Accounts, Lockouts

from .prove import Prover

_LONGEST = 32


class DialCredentials:
    """The clear password lives in the caller's frame and here, nowhere else."""

    def __init__(self, accounts: Accounts, lockouts: Lockouts, prover: Prover) -> None:
        self._accounts, self._lockouts, self._prover = accounts, lockouts, prover
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def check(self, dial_id: str, password: str, origin: str) -> Account:
        """The account; `origin` is the terminal's extension or the outside number.

        Raises `Refused`: locked (nothing was checked), wrong-credentials, not-an-agent; `Unreachable`.
        """
        identity = dial_id[:_LONGEST]
        # One after the other from one terminal and for one ID: tries made at once would all be checked before the
        # first of them is counted.
        async with self._turn(f"from:{origin}"), self._turn(f"id:{identity}"):
            return await self._check(identity, password, origin)

    def _turn(self, subject: str) -> asyncio.Lock:
        turn = self._turns.get(subject)
        if turn is None:
            turn = self._turns[subject] = asyncio.Lock()
        return turn

    async def _check(self, identity: str, password: str, origin: str) -> Account:
        if await self._lockouts.locked_seconds("phone", identity, origin) > 0:
            raise Refused("locked", identity)
        secret = await self._accounts.by_dial_id(identity)
        if not await self._prover.verify(secret.hash if secret else None, password[:_LONGEST]) or secret is None:
            await self._lockouts.failed("phone", identity, origin, secret.account.id if secret else None)
            raise Refused("wrong-credentials", identity)
        if not secret.account.is_agent:
            raise Refused("not-an-agent", identity)
        await self._lockouts.succeeded("phone", identity, origin, secret.account.id)
        return secret.account
