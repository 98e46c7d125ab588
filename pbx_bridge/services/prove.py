"""Secrets as argon2id hashes: made and proven in a few threads, so that a shift's start does not stop the loop.

19 MiB, two passes, one lane (RFC 9106 scaled as OWASP suggests): about 80 ms of one core (reliability fact F13). The
pepper lies outside the database: a stolen table of hashes of six-digit numbers is worth nothing without it.
"""

import asyncio
import hmac
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from secrets import token_hex

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.low_level import Type


class Prover:
    """`workers` threads hash at a time; further calls wait their turn."""

    def __init__(self, pepper: bytes, workers: int = 2) -> None:
        self._pepper = pepper
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="argon2")
        self._nobody: str | None = None

    async def hash(self, secret: str) -> str:
        """The hash to store."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._hash, secret)

    async def verify(self, hash: str | None, secret: str) -> bool:
        """Whether `secret` is the hashed one. `hash` None (nobody has that ID) costs the same time and is False."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._verify, hash, secret)

    def close(self) -> None:
        """Ends the threads once they have done what they were given."""
        self._pool.shutdown(wait=True)

    def _hash(self, secret: str) -> str:
        return self._hasher.hash(self._peppered(secret))

    def _verify(self, hash: str | None, secret: str) -> bool:
        if self._nobody is None:
            self._nobody = self._hash(token_hex())
        try:
            matches = self._hasher.verify(self._nobody if hash is None else hash, self._peppered(secret))
        except (Argon2Error, InvalidHashError):
            return False
        return matches and hash is not None

    def _peppered(self, secret: str) -> bytes:
        return hmac.digest(self._pepper, secret.encode(), sha256)
