"""Campaigns as people manage them; the dialing itself reads them through the directory and the claims."""

from datetime import datetime
from typing import Protocol

from msgspec import Struct

from pbx_bridge.core.directory import Mode, Rule
from pbx_bridge.core.ids import AgentId, CallId, CampaignId, JobId


class CampaignRecord(Struct, frozen=True):
    id: CampaignId
    name: str
    leads: int
    jobs: list[JobId]


class JobProgress(Struct, frozen=True):
    """`results` counts ended attempts by result; the 30-day counters are what the law looks at."""

    id: JobId
    campaign: CampaignId
    name: str
    campaign_name: str
    mode: Mode
    running: bool
    leads: int
    leads_left: int
    leads_done: int
    results: dict[str, int]
    answers_30d: int
    drops_30d: int
    members: list[AgentId]


class LeadError(Struct, frozen=True):
    line: int
    field: str
    reason: str
    text: str


class ImportReport(Struct, frozen=True):
    batch: str
    accepted: int
    duplicates: int
    do_not_call: int
    errors: list[LeadError]


class ResponseRecord(Struct, frozen=True):
    """応対記録 of one auto-dialed conversation; `saved` False: the agent has not written it yet."""

    id: str
    call: CallId | None
    campaign: str
    lead_name: str
    number: str
    at: datetime
    disposition: str
    memo: str
    saved: bool


class NewJob(Struct, frozen=True):
    """A call job to create; `trunk` names the carrier's PJSIP endpoint, `members` the dial group."""

    campaign: CampaignId
    name: str
    mode: Mode
    caller_number: str
    caller_name: str = ""
    trunk: str = "carrier"
    rule: Rule = Rule()
    members: tuple[AgentId, ...] = ()


class BatchRecord(Struct, frozen=True):
    """バッチ: leads imported together. `left`: neither done nor excluded."""

    id: str
    name: str
    created_at: datetime
    leads: int
    left: int


class NewLead(Struct, frozen=True):
    """A row of a customer list after mapping; `number` as written, normalised on import."""

    number: str
    name: str = ""
    zone: str = "Asia/Tokyo"
    fields: dict[str, str] = {}
    line: int = 0
    """Where it stood in the file, for the report; 0: nobody knows."""


class Campaigns(Protocol):
    async def campaigns(self) -> list[CampaignRecord]: ...
    async def create(self, name: str) -> CampaignId: ...
    async def jobs(self) -> list[JobProgress]: ...
    async def job(self, id: JobId) -> JobProgress | None: ...
    async def create_job(self, new: NewJob) -> JobId: ...
    async def batches(self, campaign: CampaignId) -> list[BatchRecord] | None:
        """Newest first; None: no such campaign."""

    async def new_batch(self, campaign: CampaignId, name: str) -> str: ...
    async def import_leads(self, batch: str, rows: list[NewLead]) -> ImportReport:
        """All good rows or, on a database error, none; bad rows are in the report with their line."""

    async def response_records(self, agent: AgentId, saved: bool | None) -> list[ResponseRecord]: ...
    async def save_response(self, id: str, agent: AgentId, disposition: str, memo: str) -> bool: ...
