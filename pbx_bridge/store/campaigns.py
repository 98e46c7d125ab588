"""The port `Campaigns` on PostgreSQL."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import asyncpg
import msgspec

from pbx_bridge.core.errors import Refused
from pbx_bridge.core.ids import AgentId, CampaignId, JobId
from pbx_bridge.ports.campaigns import (
    BatchRecord,
    CampaignRecord,
    ImportReport,
    JobProgress,
    NewJob,
    NewLead,
    ResponseRecord,
)
from pbx_bridge.services.import_leads import Normalised, normalise

from .pool import Pool, connected
from .records import record
from .statements import statements

SQL = statements("campaigns")
T = TypeVar("T", bound=msgspec.Struct)


class CampaignRows:
    """«Today» begins at midnight in `zone`."""

    def __init__(self, pool: Pool, zone: str = "Asia/Tokyo") -> None:
        self._pool, self._zone = pool, ZoneInfo(zone)

    async def campaigns(self) -> list[CampaignRecord]:
        """All of them, oldest first."""
        return await self._rows(CampaignRecord, "campaigns")

    async def create(self, name: str) -> CampaignId:
        """Raises `Refused("not-permitted")` for a name that is taken or not 1 to 60 characters."""
        return CampaignId(await self._create("create", name))

    async def create_job(self, new: NewJob) -> JobId:
        """Raises `Refused("not-permitted")` for a name the campaign has already, or what is no campaign or agent."""
        values = (new.campaign, new.name, new.mode, new.rule, new.caller_number, new.caller_name, new.trunk)
        return JobId(await self._create("create_job", *values, list(new.members)))

    async def run(self, job: JobId, running: bool) -> bool:
        """Whether the job may dial when the bridge starts next; False: no such job. A running bridge is told by
        `StartJob` and `StopJob`, which write the same."""
        async with connected(self._pool) as connection:
            return await connection.fetchval(SQL["run"], job, running) is not None

    async def jobs(self) -> list[JobProgress]:
        """All call jobs with their figures."""
        return await self._rows(JobProgress, "jobs", None)

    async def job(self, id: JobId) -> JobProgress | None:
        """One of them."""
        found = await self._rows(JobProgress, "jobs", id)
        return found[0] if found else None

    async def batches(self, campaign: CampaignId) -> list[BatchRecord] | None:
        """See the port."""
        async with connected(self._pool) as connection:
            if await connection.fetchval(SQL["exists"], campaign) is None:
                return None
            return [record(row, BatchRecord) for row in await connection.fetch(SQL["batches"], campaign)]

    async def new_batch(self, campaign: CampaignId, name: str) -> str:
        """Its id. Raises `Refused("not-permitted")` for a name the campaign has already, or no campaign."""
        return str(await self._create("new_batch", campaign, name))

    async def import_leads(self, batch: str, rows: list[NewLead]) -> ImportReport:
        """In one transaction: normalised, without doubles and do-not-call numbers. Raises `Refused("not-permitted")`
        when there is no such batch."""
        number = int(batch) if batch.isascii() and batch.isdecimal() and len(batch) < 19 else 0
        found = await asyncio.to_thread(normalise, rows)  # 200,000 rows are seconds: the loop goes on
        async with connected(self._pool) as connection, connection.transaction():
            campaign = await connection.fetchval(SQL["campaign_of_batch"], number)
            if campaign is None:
                raise Refused("not-permitted", f"there is no batch {batch[:20]!r}")
            await connection.execute(SQL["stage_leads"])
            await connection.copy_records_to_table("stage_lead", records=_staged(found))
            forbidden: int = await connection.fetchval(SQL["forbidden"])
            accepted: int = await connection.fetchval(SQL["import"], campaign, number)
        known = len(found.leads) - forbidden - accepted
        return ImportReport(batch, accepted, found.duplicates + known, forbidden, found.errors)

    async def forbid(self, numbers: Sequence[str], reason: str) -> int:
        """Put E.164 numbers on the do-not-call list; how many were not there yet."""
        async with connected(self._pool) as connection:
            return len(await connection.fetch(SQL["forbid"], list(set(numbers)), reason))

    async def response_records(self, agent: AgentId, saved: bool | None) -> list[ResponseRecord]:
        """Today's conversations and, of any day, those not written yet."""
        return await self._rows(ResponseRecord, "response_records", agent, saved, self._midnight())

    async def save_response(self, id: str, agent: AgentId, disposition: str, memo: str) -> bool:
        """False when it is not this agent's, or not there any more."""
        if not (id.isascii() and id.isdecimal() and len(id) < 19):
            return False
        async with connected(self._pool) as connection:
            return await connection.fetchval(SQL["save_response"], int(id), agent, disposition, memo) is not None

    def _midnight(self) -> datetime:
        return datetime.now(UTC).astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)

    async def _rows(self, type_: type[T], statement: str, *values: object) -> list[T]:
        async with connected(self._pool) as connection:
            return [record(row, type_) for row in await connection.fetch(SQL[statement], *values)]

    async def _create(self, statement: str, *values: object) -> int:
        async with connected(self._pool) as connection:
            try:
                id: int = await connection.fetchval(SQL[statement], *values)
            except asyncpg.UniqueViolationError:
                raise Refused("not-permitted", "that name is taken") from None
            except asyncpg.ForeignKeyViolationError:
                raise Refused("not-permitted", "there is no such campaign or agent") from None
            except asyncpg.CheckViolationError as error:
                raise Refused("not-permitted", f"not allowed: {error.constraint_name}") from None
        return id


def _staged(found: Normalised) -> Sequence[tuple[int, str, str, str, str]]:
    return [
        (place, lead.number, lead.name, lead.zone, msgspec.json.encode(lead.fields).decode())
        for place, lead in enumerate(found.leads)
    ]
