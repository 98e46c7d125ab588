"""Facts about call jobs: running or not, what the pacer decided and remembers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pbx_bridge.core.facts import JobStarted, JobStopped, PacerDecided, PacerKept
from pbx_bridge.core.ids import CampaignId, JobId
from pbx_bridge.core.recovery import JobMemory

from .claims import release_job
from .statements import statements

if TYPE_CHECKING:
    from .pool import Connection

SQL = statements("jobs")
LEDGER_SECONDS = 30 * 86_400.0
"""The longest period drops are counted over (16 CFR 310.4(b)(4)): per campaign, whichever job dialed."""


async def run(connection: "Connection", facts: Sequence[JobStarted | JobStopped]) -> None:
    """The administrator's level. A stopped job gives its unused leads back at once."""
    for fact in facts:
        await connection.execute(SQL["run"], fact.job, isinstance(fact, JobStarted), fact.at)
        if isinstance(fact, JobStopped):
            await release_job(connection, fact.job)


async def decide(connection: "Connection", facts: Sequence[PacerDecided]) -> None:
    """The explain log: why it dials, or does not."""
    rows = [(fact.job, fact.at, fact.dials, fact.limit, fact.explain) for fact in facts]
    await connection.executemany(SQL["decide"], rows)


async def keep(connection: "Connection", facts: Sequence[PacerKept]) -> None:
    """The estimators, so that a restart need not learn again."""
    await connection.executemany(SQL["keep_pacer"], [(fact.job, fact.at, fact.state) for fact in facts])


async def memories(connection: "Connection", now: float, today: float) -> tuple[JobMemory, ...]:
    """Every job with the drop ledger of its campaign and its results since `today` (epoch seconds of midnight)."""
    ledgers: dict[CampaignId, list[tuple[int, int, int]]] = {}
    for row in await connection.fetch(SQL["ledger"], now - LEDGER_SECONDS):
        ledgers.setdefault(row["campaign"], []).append((row["bucket"], row["answers"], row["drops"]))
    results: dict[JobId, dict[str, int]] = {}
    for row in await connection.fetch(SQL["results"], today):
        results.setdefault(row["job"], {})[row["result"]] = row["count"]
    return tuple(
        JobMemory(
            job=row["id"],
            running=row["running"],
            ledger=tuple(ledgers.get(row["campaign"], ())),
            state=row["state"],
            results=results.get(row["id"], {}),
        )
        for row in await connection.fetch(SQL["memory"])
    )
