"""In-memory twins of the ports that dialing uses."""

from collections import Counter
from datetime import UTC, datetime

from pbx_bridge.core.errors import Unreachable
from pbx_bridge.core.facts import Fact
from pbx_bridge.core.ids import AgentId, CampaignId, JobId, TerminalId
from pbx_bridge.ports.accounts import Account, LoginKind, Secret, TerminalRecord
from pbx_bridge.ports.campaigns import (
    BatchRecord,
    CampaignRecord,
    ImportReport,
    JobProgress,
    NewJob,
    NewLead,
    ResponseRecord,
)
from pbx_bridge.services.prove import Prover

LIMIT = 5


class TwinAccounts:
    def __init__(self) -> None:
        self.secrets: dict[str, Secret] = {}

    async def add(self, id: int, dial_id: str, password: str, prover: Prover, *, extension: str = "") -> None:
        account = Account(
            id=AgentId(id),
            login=f"agent{id}@example.jp",
            name=f"Agent {id}",
            role="agent",
            language="ja",
            seat="",
            is_agent=extension != "-",
            dial_id=dial_id,
            extension=extension,
            password_changed_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        self.secrets[dial_id] = Secret(account, await prover.hash(password))

    async def by_dial_id(self, dial_id: str) -> Secret | None:
        return self.secrets.get(dial_id)

    async def by_login(self, login: str) -> Secret | None:
        return next((s for s in self.secrets.values() if s.account.login == login), None)

    async def by_id(self, id: AgentId) -> Account | None:
        return next((s.account for s in self.secrets.values() if s.account.id == id), None)

    async def all(self) -> list[Account]:
        return [secret.account for secret in self.secrets.values()]

    async def set_password(self, id: AgentId, hash: str) -> None:
        raise NotImplementedError

    async def set_dial_operation(self, id: AgentId, dial_id: str, hash: str) -> None:
        raise NotImplementedError

    async def update(self, id: AgentId, *, name: str | None, language: object, seat: str | None) -> None:
        raise NotImplementedError


class TwinLockouts:
    """Counts for ever: a test is shorter than the window."""

    def __init__(self) -> None:
        self.tries: Counter[str] = Counter()
        self.checked = 0

    async def locked_seconds(self, kind: LoginKind, identity: str, origin: str) -> float:
        return 900.0 if max(self.tries[f"id:{identity}"], self.tries[f"at:{origin}"]) >= LIMIT else 0.0

    async def failed(self, kind: LoginKind, identity: str, origin: str, account: AgentId | None) -> None:
        self.checked += 1
        self.tries[f"id:{identity}"] += 1
        self.tries[f"at:{origin}"] += 1

    async def succeeded(self, kind: LoginKind, identity: str, origin: str, account: AgentId) -> None:
        self.tries[f"id:{identity}"] = self.tries[f"at:{origin}"] = 0


class TwinTerminals:
    def __init__(self, *records: TerminalRecord) -> None:
        self.records = records

    async def by_endpoint(self, endpoint: str) -> TerminalRecord | None:
        return next((record for record in self.records if record.endpoint == endpoint), None)

    async def by_extension(self, extension: str) -> TerminalRecord | None:
        return next((record for record in self.records if record.extension == extension), None)


class TwinCampaigns:
    """Only `jobs` is asked for here."""

    def __init__(self) -> None:
        self.rows: list[JobProgress] = []

    def add(self, id: int, *members: int, running: bool = True) -> None:
        agents = [AgentId(member) for member in members]
        self.rows.append(
            JobProgress(JobId(id), CampaignId(1), f"Job {id}", "C", "progressive", running, 0, 0, 0, {}, 0, 0, agents)
        )

    async def jobs(self) -> list[JobProgress]:
        return self.rows

    async def campaigns(self) -> list[CampaignRecord]:
        raise NotImplementedError

    async def create(self, name: str) -> CampaignId:
        raise NotImplementedError

    async def job(self, id: JobId) -> JobProgress | None:
        raise NotImplementedError

    async def new_batch(self, campaign: CampaignId, name: str) -> str:
        raise NotImplementedError

    async def import_leads(self, batch: str, rows: list[NewLead]) -> ImportReport:
        raise NotImplementedError

    async def response_records(self, agent: AgentId, saved: bool | None) -> list[ResponseRecord]:
        raise NotImplementedError

    async def save_response(self, id: str, agent: AgentId, disposition: str, memo: str) -> bool:
        raise NotImplementedError

    async def create_job(self, new: NewJob) -> JobId:
        raise NotImplementedError

    async def batches(self, campaign: CampaignId) -> list[BatchRecord] | None:
        raise NotImplementedError


class TwinLedger:
    """Writes down at once, or not at all while `away`."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.away = False

    async def commit(self, facts: list[Fact]) -> None:
        if self.away:
            raise Unreachable("the database is away")
        self.facts.extend(facts)


def terminal(id: int, extension: str, language: str) -> TerminalRecord:
    return TerminalRecord(TerminalId(id), extension, extension, "en" if language == "en" else "ja")
