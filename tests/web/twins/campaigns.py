"""Campaigns, their lists, and calls promised again."""

import itertools
from datetime import UTC, datetime
from datetime import time as day_time

from msgspec.structs import replace

from pbx_bridge.core.commands import (
    Lead,
)
from pbx_bridge.core.directory import Window
from pbx_bridge.core.ids import AgentId, CampaignId, JobId, LeadId
from pbx_bridge.ports.campaigns import (
    BatchRecord,
    CampaignRecord,
    ImportReport,
    JobProgress,
    LeadError,
    NewJob,
    NewLead,
    ResponseRecord,
)
from pbx_bridge.ports.redials import NewRedial, Promised, Redial, RedialChange


class CampaignsTwin:
    def __init__(self, jobs: list[JobProgress], campaigns: list[CampaignRecord]) -> None:
        self._jobs = {job.id: job for job in jobs}
        self._campaigns = campaigns
        self.records: dict[str, ResponseRecord] = {}
        self.job_ids = itertools.count(100)

    async def campaigns(self) -> list[CampaignRecord]:
        return self._campaigns

    async def create(self, name: str) -> CampaignId:
        id = CampaignId(len(self._campaigns) + 1)
        self._campaigns.append(CampaignRecord(id, name, 0, []))
        return id

    async def jobs(self) -> list[JobProgress]:
        return list(self._jobs.values())

    async def job(self, id: JobId) -> JobProgress | None:
        return self._jobs.get(id)

    async def new_batch(self, campaign: CampaignId, name: str) -> str:
        return f"batch-{campaign}-1"

    async def import_leads(self, batch: str, rows: list[NewLead]) -> ImportReport:
        bad = [
            LeadError(row.line, "number", "not a number", row.number)
            for row in rows
            if not row.number.lstrip("+").isdigit()
        ]
        return ImportReport(batch, len(rows) - len(bad), 0, 0, bad)

    async def response_records(self, agent: AgentId, saved: bool | None) -> list[ResponseRecord]:
        return [row for row in self.records.values() if saved is None or row.saved is saved]

    async def save_response(self, id: str, agent: AgentId, disposition: str, memo: str) -> bool:
        row = self.records.get(id)
        if row is not None:
            self.records[id] = replace(row, disposition=disposition, memo=memo, saved=True)
        return row is not None

    async def create_job(self, new: NewJob) -> JobId:
        return JobId(next(self.job_ids))

    async def batches(self, campaign: CampaignId) -> list[BatchRecord] | None:
        if campaign not in {known.id for known in self._campaigns}:
            return None
        return [BatchRecord("1", "春の名簿", datetime.now(UTC), 5000, 3120)]


class RedialsTwin:
    """Every agent sees them all. `told` is what the rules are asked about."""

    def __init__(self, rows: list[Redial]) -> None:
        self.rows = {row.id: row for row in rows}
        always = Window(opens=day_time(0, 0), closes=day_time(23, 59, 59), holidays=True)
        lead = Lead(LeadId(7), "+819012345678", "Asia/Tokyo", attempts=1)
        self.told: Promised | None = Promised(JobId(1), lead, always, 3, False, False, False)

    async def due(self, agent: AgentId) -> list[Redial]:
        return [row for row in self.rows.values() if row.state == "open"]

    async def open(self, agent: AgentId | None) -> list[Redial]:
        return [row for row in self.rows.values() if row.state == "open" and agent in (None, row.agent)]

    async def find(self, id: str, agent: AgentId | None = None) -> Redial | None:
        return self.rows.get(id)

    async def promise(self, new: NewRedial, by: AgentId) -> str | None:
        if new.record not in ("1", "2"):
            return None
        id = str(len(self.rows) + 1)
        row = Redial(id, "更新案内", "", "+819012345678", new.due_at, new.agent, None, new.memo, "open")
        self.rows[id] = row
        return id

    async def change(self, seen: Redial, to: RedialChange) -> bool:
        self.rows[seen.id] = replace(seen, due_at=to.due_at, agent=to.agent, memo=to.memo, state=to.state)
        return True

    async def promised(self, id: str, agent: AgentId) -> Promised | None:
        return self.told
