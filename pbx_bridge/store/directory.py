"""The directory as the switchboard wants it: whole, from one snapshot of the database."""

from typing import TYPE_CHECKING

import msgspec

from pbx_bridge.core.directory import BUILT_IN, Agent, Center, Directory, Job, Membership, Rule, Status, Terminal
from pbx_bridge.core.numbering import Numbering

from .pool import connected
from .records import record
from .statements import statements

if TYPE_CHECKING:
    from .pool import Connection, Pool

SQL = statements("directory")


async def load_directory(pool: "Pool") -> Directory:
    """Terminals, agents (active accounts with a dial-operation ID), centers, jobs and statuses of one moment."""
    async with connected(pool) as connection:
        return await read_directory(connection)


async def read_directory(connection: "Connection") -> Directory:
    """The same on a connection one has."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return Directory(
            terminals=tuple(record(row, Terminal) for row in await connection.fetch(SQL["terminals"])),
            agents=tuple(record(row, Agent) for row in await connection.fetch(SQL["agents"])),
            centers=await _centers(connection),
            jobs=await _jobs(connection),
            statuses=BUILT_IN + tuple(Status(**row) for row in await connection.fetch(SQL["statuses"])),
            numbering=await read_numbering(connection),
            service_numbers=frozenset(row["number"] for row in await connection.fetch(SQL["service_numbers"])),
        )


async def read_numbering(connection: "Connection") -> Numbering:
    """How numbers are written here."""
    row = await connection.fetchrow(SQL["numbering"])
    assert row is not None  # the migration wrote it
    return record(row, Numbering)


async def _centers(connection: "Connection") -> tuple[Center, ...]:
    members: dict[int, list[Membership]] = {}
    for row in await connection.fetch(SQL["members"]):
        members.setdefault(row["center"], []).append(record(row, Membership))
    return tuple(
        record({**row, "members": members.get(row["id"], [])}, Center) for row in await connection.fetch(SQL["centers"])
    )


async def _jobs(connection: "Connection") -> tuple[Job, ...]:
    members: dict[int, list[int]] = {}
    for row in await connection.fetch(SQL["job_members"]):
        members.setdefault(row["job"], []).append(row["agent"])
    return tuple(
        record({**row, "members": members.get(row["id"], [])}, Job) for row in await connection.fetch(SQL["jobs"])
    )


def rule_as_json(rule: Rule) -> object:
    """A dial rule as the column `call_job.rule` keeps it."""
    return msgspec.to_builtins(rule)
