"""The schema, step by step: numbered files, each run once, in a transaction, its checksum remembered."""

from collections.abc import Callable
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from msgspec import Struct

from pbx_bridge.core.errors import Misconfigured

if TYPE_CHECKING:
    from .pool import Connection, Pool

_LOCK = 0x7062785F  # "pbx_": whoever holds it migrates, everybody else waits


class Migration(Struct, frozen=True):
    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        return sha256(self.text.encode()).hexdigest()


def migrations() -> list[Migration]:
    """All of them in order; the file name is `NNNN_name.sql`."""
    found = [
        Migration(int(file.name[:4]), file.name[5:-4], file.read_text(encoding="utf-8"))
        for file in (files(__package__) / "migrations").iterdir()
        if file.name.endswith(".sql")
    ]
    return sorted(found, key=lambda migration: migration.number)


def _said_nothing(migration: Migration) -> None:
    """The default listener."""


async def migrate(pool: "Pool", on_step: Callable[[Migration], None] = _said_nothing) -> list[Migration]:
    """Bring the database up to date and say what was done. Two at once are safe: the second waits, then finds nothing.

    Raises `Misconfigured` when a step already taken has since been edited, or when the database is newer than we are.
    """
    async with pool.acquire() as connection:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK, timeout=600)
        try:
            return await _run(connection, on_step)
        finally:
            await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)


async def pending(pool: "Pool") -> list[Migration]:
    """Steps that `migrate` would take now."""
    async with pool.acquire() as connection:
        if await connection.fetchval("SELECT to_regclass('schema_migration')") is None:
            return migrations()
        return _missing(await _taken(connection))


async def _run(connection: "Connection", on_step: Callable[[Migration], None]) -> list[Migration]:
    await connection.execute(
        """CREATE TABLE IF NOT EXISTS schema_migration (
               number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,
               applied_at timestamptz NOT NULL DEFAULT now())"""
    )
    steps = _missing(await _taken(connection))
    for step in steps:
        async with connection.transaction():
            await connection.execute(step.text)
            await connection.execute(
                "INSERT INTO schema_migration (number, name, checksum) VALUES ($1, $2, $3)",
                step.number,
                step.name,
                step.checksum,
            )
        on_step(step)
    return steps


async def _taken(connection: "Connection") -> dict[int, str]:
    return {
        row["number"]: row["checksum"]
        for row in await connection.fetch("SELECT number, checksum FROM schema_migration")
    }


def _missing(taken: dict[int, str]) -> list[Migration]:
    ours = {migration.number: migration for migration in migrations()}
    for number, checksum in taken.items():
        if number not in ours:
            raise Misconfigured(
                f"the database has migration {number}, which this version does not know: upgrade pbx-bridge"
            )
        if ours[number].checksum != checksum:
            raise Misconfigured(f"migration {number:04}_{ours[number].name}.sql was edited after it was applied")
    return [migration for number, migration in ours.items() if number not in taken]
