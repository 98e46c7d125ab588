"""Leads are leased to one node's hopper at a time: two nodes never get the same one."""

from typing import TYPE_CHECKING

from pbx_bridge.core.commands import Lead
from pbx_bridge.core.ids import JobId, LeadId, NodeId

from .pool import connected
from .statements import statements

if TYPE_CHECKING:
    from .pool import Connection, Pool

SQL = statements("claims")
LEASE_SECONDS = 600.0
"""How long a lead may wait in a hopper before another node may take it. Placing it ends the lease."""


class Claims:
    """Claiming and giving back. Times in epoch seconds."""

    def __init__(self, pool: "Pool") -> None:
        self._pool = pool

    async def claim(self, job: JobId, count: int, node: NodeId, now: float) -> list[Lead]:
        """Up to `count` leads of the job's campaign that no rule of the list forbids, in list order.

        Never a number on the do-not-call list, one abandoned within 72 h, or one dialed `max_per_number_per_day`
        times today (the lead's own day); never a lead before its retry time or after `max_attempts`. The calling
        window is the switchboard's, at the moment of the dial. Empty for an unknown job.
        """
        async with connected(self._pool) as connection:
            rule = await connection.fetchrow(SQL["rule"], job)
            if rule is None:
                return []
            rows = await connection.fetch(
                SQL["claim"],
                job,
                rule["campaign"],
                count,
                node,
                now,
                LEASE_SECONDS,
                rule["max_attempts"],
                rule["max_per_day"],
            )
        return [
            Lead(
                id=LeadId(row["id"]),
                number=row["number"],
                zone=row["zone"],
                attempts=row["dials"],
                charged=row["attempts"],
                today=row["today"],
                last_result=row["last_result"],
                last_at=row["last_at"],
            )
            for row in rows
        ]

    async def extend(self, node: NodeId, now: float) -> None:
        """The node still lives: its leases begin again."""
        async with connected(self._pool) as connection:
            await connection.execute(SQL["extend"], node, now, LEASE_SECONDS)


async def release_job(connection: "Connection", job: JobId) -> None:
    """A stopped job's claimed leads go back to the list."""
    await connection.execute(SQL["release_job"], job)


async def release_node(connection: "Connection", node: NodeId) -> None:
    """A starting node has an empty hopper: whatever it had claimed goes back to the list."""
    await connection.execute(SQL["release_node"], node)
