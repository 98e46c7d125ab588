"""In-memory twins of the ports, for rules that are the web's alone (who may see what, what a header says).

They know nothing of SQL or Asterisk; the same walks run against PostgreSQL where the store stands.
"""

import asyncio
import io
import itertools
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from datetime import time as day_time
from functools import lru_cache
from typing import TypeVar

import numpy as np
import soundfile
from msgspec.structs import replace

from pbx_bridge.core.board import (
    AgentRow,
    CallRow,
    CenterRow,
    Delta,
    JobRow,
    Kind,
    NodeRow,
    Row,
    Snapshot,
    TerminalRow,
)
from pbx_bridge.core.commands import (
    ChangeStatus,
    Command,
    HangUpChannel,
    JoinJob,
    Lead,
    LeaveJob,
    PauseRecording,
    SignIn,
    SignOut,
    StartJob,
    StopJob,
)
from pbx_bridge.core.directory import Language, Window
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.ids import AgentId, CallId, CampaignId, CenterId, JobId, LeadId
from pbx_bridge.ports.accounts import Account, LoginKind, Secret, Session
from pbx_bridge.ports.alarms import Alarm
from pbx_bridge.ports.callbacks import Callback, CallbackChange, CallbackFilter
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
from pbx_bridge.ports.centers import CenterAgent, CenterRecord
from pbx_bridge.ports.engine import Live
from pbx_bridge.ports.history import (
    ActivityRecord,
    AuditRecord,
    BadCursor,
    CallFilter,
    CallRecord,
    CallStory,
    CdrRecord,
    LoginRecord,
    Page,
    T,
)
from pbx_bridge.ports.icons import Icon
from pbx_bridge.ports.recording_exports import MAX_EXPORT, Export
from pbx_bridge.ports.recording_marks import CannotMark, Mark
from pbx_bridge.ports.recordings import Audio, AudioFormat, OpenedAudio
from pbx_bridge.ports.redials import NewRedial, Promised, Redial, RedialChange
from web.context import WebPorts

RATE = 8000
R = TypeVar("R", bound=Row)
Samples = np.ndarray[tuple[int, int], np.dtype[np.int16]]


class EngineTwin:
    """A board that obeys; `change` is what Asterisk would have done."""

    def __init__(self, rows: dict[Kind, list[Row]]) -> None:
        self.rows: dict[tuple[Kind, str], Row] = {(kind, row.id): row for kind, all_ in rows.items() for row in all_}
        self.seq = 0
        self.age_ms: int | None = 120
        self.submitted: list[Command] = []
        self.refuses: Refused | None = None
        self._readers: set[asyncio.Queue[Delta | None]] = set()

    def change(self, kind: Kind, row: Row) -> None:
        self.seq += 1
        if getattr(row, "ended", False):
            self.rows.pop((kind, row.id), None)
        else:
            self.rows[(kind, row.id)] = row
        for reader in self._readers:
            reader.put_nowait(Delta(self.seq, kind, row))

    def cut_readers(self) -> None:
        for reader in self._readers:
            reader.put_nowait(None)

    async def submit(self, command: Command) -> None:
        self.submitted.append(command)
        if self.refuses is not None:
            raise self.refuses
        await asyncio.sleep(0)
        match command:
            case ChangeStatus(agent, status, _):
                condition = status if status in ("available", "wrap_up") else "paused"
                self._agent(agent, condition=condition, status=status, since=time.time(), until=None)
            case SignIn(agent, _, _):
                self._agent(agent, condition="available", status="available", since=time.time())
            case SignOut(agent, _):
                self._agent(agent, condition="logged_off", status="logged_off", since=time.time(), hand_since=None)
            case StartJob(job, _):
                self._run(job, True)
            case StopJob(job, _):
                self._run(job, False)
            case HangUpChannel(channel):
                for row in list(self.rows.values()):
                    if getattr(row, "channel", None) == channel:
                        self.change("call", replace(row, ended=True))
            case JoinJob(agent, job):
                self._agent(agent, condition="available", job=str(job), since=time.time())
            case LeaveJob(agent):
                self._agent(agent, job="")
            case PauseRecording(call, pause=pause):
                for row in self._all(AgentRow):
                    if row.call == call:
                        self.change("agent", replace(row, recording="paused" if pause else "on"))
            case _:
                pass

    def _agent(self, agent: AgentId, **changes: object) -> None:
        row = self.rows[("agent", str(agent))]
        self.change("agent", replace(row, **changes))

    def _run(self, job: JobId, running: bool) -> None:
        row = self.rows.get(("job", str(job)))
        if row is not None:
            self.change("job", replace(row, running=running, limit="agents" if running else "stopped"))

    def _all(self, type_: type[R]) -> list[R]:
        return [row for row in self.rows.values() if isinstance(row, type_)]

    def snapshot(self) -> Snapshot:
        return Snapshot(
            self.seq,
            time.time(),
            self._all(AgentRow),
            self._all(CenterRow),
            self._all(CallRow),
            self._all(JobRow),
            self._all(TerminalRow),
            self._all(NodeRow),
        )

    def subscribe(self) -> AbstractAsyncContextManager[Live]:
        return self._subscribe()

    @asynccontextmanager
    async def _subscribe(self) -> AsyncIterator[Live]:
        queue: asyncio.Queue[Delta | None] = asyncio.Queue()
        self._readers.add(queue)

        async def deltas() -> AsyncIterator[Delta]:
            while (delta := await queue.get()) is not None:
                yield delta

        try:
            yield Live(self.snapshot(), deltas())
        finally:
            self._readers.discard(queue)

    def data_age_ms(self) -> int | None:
        return self.age_ms


def engine_of(twins: WebPorts) -> EngineTwin:
    assert isinstance(twins.engine, EngineTwin)
    return twins.engine


class AccountsTwin:
    def __init__(self, secrets: list[Secret]) -> None:
        self.secrets = {secret.account.id: secret for secret in secrets}
        self.dial_hashes: dict[AgentId, str] = {}

    async def by_id(self, id: AgentId) -> Account | None:
        secret = self.secrets.get(id)
        return secret.account if secret else None

    async def by_login(self, login: str) -> Secret | None:
        return next((secret for secret in self.secrets.values() if secret.account.login == login), None)

    async def by_dial_id(self, dial_id: str) -> Secret | None:
        return next((secret for secret in self.secrets.values() if secret.account.dial_id == dial_id), None)

    async def all(self) -> list[Account]:
        return [secret.account for secret in self.secrets.values()]

    def rename_icon(self, id: AgentId, icon: str) -> None:
        secret = self.secrets[id]
        self.secrets[id] = Secret(replace(secret.account, icon=icon), secret.hash)

    async def set_password(self, id: AgentId, hash: str) -> None:
        account = replace(self.secrets[id].account, password_changed_at=datetime.now(UTC))
        self.secrets[id] = Secret(account, hash)

    async def set_dial_operation(self, id: AgentId, dial_id: str, hash: str) -> None:
        self.dial_hashes[id] = hash
        self.secrets[id] = replace(self.secrets[id], account=replace(self.secrets[id].account, dial_id=dial_id))

    async def update(self, id: AgentId, *, name: str | None, language: Language | None, seat: str | None) -> None:
        account = self.secrets[id].account
        changed = replace(
            account,
            name=account.name if name is None else name,
            language=account.language if language is None else language,
            seat=account.seat if seat is None else seat,
        )
        self.secrets[id] = replace(self.secrets[id], account=changed)


class SessionsTwin:
    def __init__(self, accounts: AccountsTwin) -> None:
        self._accounts = accounts
        self.open_ones: dict[bytes, tuple[AgentId, str, float, datetime]] = {}

    async def open(self, account: AgentId, token_hash: bytes, csrf: str, address: str, idle_seconds: float) -> None:
        until = datetime.now(UTC) + timedelta(seconds=idle_seconds)
        self.open_ones[token_hash] = (account, csrf, idle_seconds, until)

    async def find(self, token_hash: bytes) -> Session | None:
        found = self.open_ones.get(token_hash)
        if found is None or found[3] <= datetime.now(UTC):
            return None
        until = datetime.now(UTC) + timedelta(seconds=found[2])
        self.open_ones[token_hash] = (*found[:3], until)
        account = await self._accounts.by_id(found[0])
        return Session(account, found[1], until) if account else None

    async def close(self, token_hash: bytes) -> None:
        self.open_ones.pop(token_hash, None)

    async def close_others(self, account: AgentId, token_hash: bytes | None) -> list[bytes]:
        gone = [known for known, found in self.open_ones.items() if found[0] == account and known != token_hash]
        for known in gone:
            del self.open_ones[known]
        return gone


class LockoutsTwin:
    def __init__(self, limit: int = 5) -> None:
        self.limit = limit
        self.tries: dict[str, int] = {}
        self.wins: list[str] = []

    async def locked_seconds(self, kind: LoginKind, identity: str, origin: str) -> float:
        return 60.0 if self.tries.get(identity, 0) >= self.limit else 0.0

    async def failed(self, kind: LoginKind, identity: str, origin: str, account: AgentId | None) -> None:
        self.tries[identity] = self.tries.get(identity, 0) + 1

    async def succeeded(self, kind: LoginKind, identity: str, origin: str, account: AgentId) -> None:
        self.tries.pop(identity, None)
        self.wins.append(identity)


class AuditTwin:
    def __init__(self) -> None:
        self.rows: list[AuditRecord] = []

    async def note(self, actor: AgentId | None, act: str, target: str, detail: dict[str, str], origin: str) -> None:
        row = AuditRecord(str(len(self.rows) + 1), datetime.now(UTC), str(actor or ""), act, target, origin, detail)
        self.rows.insert(0, row)


def page_of(rows: list[T], cursor: str | None, limit: int) -> Page[T]:
    """A cursor is an offset here: the twin's rows do not move."""
    start = int(cursor) if cursor and cursor.isdecimal() else 0
    older = str(start + limit) if start + limit < len(rows) else None
    newer = str(max(0, start - limit)) if start > 0 else None
    return Page(rows[start : start + limit], older, newer)


class HistoriesTwin:
    def __init__(self, stories: list[CallStory], audit: AuditTwin) -> None:
        self.stories = {story.call.id: story for story in stories}
        self.activities: list[ActivityRecord] = []
        self.sign_ins: list[LoginRecord] = []
        self.cdrs: list[CdrRecord] = []
        self._audit = audit

    async def calls(self, where: CallFilter, cursor: str | None, limit: int) -> Page[CallRecord]:
        rows = [story.call for story in self.stories.values() if _matches(story, where)]
        return page_of(sorted(rows, key=lambda row: row.started_at, reverse=True), cursor, limit)

    async def call(self, id: CallId) -> CallStory | None:
        return self.stories.get(id)

    async def set_memo(self, id: CallId, memo: str) -> bool:
        story = self.stories.get(id)
        if story is not None:
            self.stories[id] = replace(story, call=replace(story.call, memo=memo))
        return story is not None

    async def cdr(
        self, since: datetime | None, until: datetime | None, number: str, cursor: str | None, limit: int
    ) -> Page[CdrRecord]:
        return page_of([row for row in self.cdrs if row.src.startswith(number)], cursor, limit)

    async def activity(
        self, agent: AgentId | None, since: datetime | None, until: datetime | None, cursor: str | None, limit: int
    ) -> Page[ActivityRecord]:
        return page_of(self.activities, cursor, limit)

    async def logins(
        self, account: AgentId | None, since: datetime | None, until: datetime | None, cursor: str | None, limit: int
    ) -> Page[LoginRecord]:
        return page_of(self.sign_ins, cursor, limit)

    async def audit(
        self, since: datetime | None, until: datetime | None, cursor: str | None, limit: int
    ) -> Page[AuditRecord]:
        return page_of(self._audit.rows, cursor, limit)


def _matches(story: CallStory, where: CallFilter) -> bool:
    call = story.call
    other = call.from_number if call.direction == "inbound" else call.to_number
    return all(
        (
            where.since is None or call.started_at >= where.since,
            where.until is None or call.started_at < where.until,
            where.agent is None or story.belongs_to(where.agent),
            where.direction is None or call.direction == where.direction,
            where.result is None or call.result == where.result,
            other.startswith(where.number),
            (where.min_talk_share is None and where.max_silence_share is None) or call.has_recording,
            where.min_seconds is None or (call.talked_seconds or 0) >= where.min_seconds,
        )
    )


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


@lru_cache(maxsize=8)
def speech(seconds: float, seed: int) -> Samples:
    """Two people taking turns: bursts of coloured noise with pauses, left the agent, right the other party."""
    random = np.random.default_rng(seed)
    count = int(seconds * RATE)
    lanes = np.zeros((count, 2))
    at, lane = 0.3, 0
    while at < seconds - 0.5:
        length = float(random.uniform(0.8, 4.5))
        start, stop = int(at * RATE), min(count, int((at + length) * RATE))
        t = np.arange(stop - start) / RATE
        syllables = 0.55 + 0.45 * np.sin(2 * np.pi * (3.2 + random.uniform(-0.6, 0.6)) * t + random.uniform(0, 6))
        swell = np.clip(np.sin(np.pi * t / max(length, 0.1)) * 1.8, 0, 1)
        voice = sum(np.sin(2 * np.pi * (120 + 70 * lane) * k * t) / k for k in range(1, 9)) * 0.18
        lanes[start:stop, lane] += (voice + random.normal(0, 0.05, len(t))) * syllables * swell
        at += length + float(random.uniform(0.1, 0.9))
        lane = 1 - lane if random.random() < 0.75 else lane
    return (np.clip(lanes, -0.95, 0.95) * 32767).astype(np.int16)


class OpenedTwin:
    def __init__(self, body: bytes, seconds: float, media_type: str) -> None:
        self._body = body
        self.audio = Audio(media_type, len(body), seconds, f"{len(body):x}-{hash(body) & 0xFFFFFF:x}")

    async def read(self, start: int, stop: int) -> AsyncIterator[bytes]:
        for at in range(start, stop, 65_536):
            yield self._body[at : min(stop, at + 65_536)]


class RecordingsTwin:
    """Real FLAC and WAV by libsndfile; `lengths` says which calls have a recording, in seconds."""

    def __init__(self, lengths: dict[CallId, float]) -> None:
        self.lengths = lengths

    def _samples(self, call: CallId) -> Samples | None:
        seconds = self.lengths.get(call)
        return None if seconds is None else speech(seconds, sum(map(ord, call)))

    def _file(self, samples: Samples, format: AudioFormat) -> OpenedAudio:
        out = io.BytesIO()
        soundfile.write(out, samples, RATE, format=format.upper(), subtype="PCM_16")
        return OpenedTwin(out.getvalue(), len(samples) / RATE, f"audio/{format}")

    async def open(self, call: CallId, format: AudioFormat) -> OpenedAudio | None:
        samples = self._samples(call)
        return None if samples is None else self._file(samples, format)

    async def cut(self, call: CallId, start: float, end: float, format: AudioFormat) -> OpenedAudio | None:
        samples = self._samples(call)
        if samples is None:
            return None
        clip = samples[int(start * RATE) : int(min(end, 1e6) * RATE)]
        if not len(clip):
            raise ValueError("empty clip")
        return self._file(clip, format)

    async def peaks(self, call: CallId, samples_per_pixel: int) -> bytes | None:
        samples = self._samples(call)
        if samples is None:
            return None
        pixels = -(-len(samples) // samples_per_pixel)
        padded = np.zeros((pixels * samples_per_pixel, 2), np.int16)
        padded[: len(samples)] = samples
        blocks = padded.reshape(pixels, samples_per_pixel, 2)
        both = np.stack([blocks.min(1), blocks.max(1)], axis=2).astype(np.int32)
        data = (np.sign(both) * (np.abs(both) // 256)).astype(np.int8)
        head = np.array([2, 1, RATE, samples_per_pixel, pixels, 2], "<i4").tobytes()
        return bytes(head + data.tobytes())


class HoldsTwin:
    """Of the sample's stories."""

    def __init__(self, histories: HistoriesTwin, audit: AuditTwin) -> None:
        self._histories, self._audit = histories, audit

    async def hold(self, call: CallId, held: bool, by: AgentId, reason: str, origin: str) -> bool:
        story = self._histories.stories.get(call)
        if story is None or story.recording is None:
            return False
        self._histories.stories[call] = replace(story, recording=replace(story.recording, legal_hold=held))
        await self._audit.note(by, "recording.hold" if held else "recording.release", call, {"reason": reason}, origin)
        return True


class MarksTwin:
    def __init__(self, lengths: dict[CallId, float], audit: AuditTwin, people: AccountsTwin) -> None:
        self.marks: dict[tuple[CallId, str], Mark] = {}
        self.lengths, self._audit, self._people = lengths, audit, people
        self._made = itertools.count(1)

    async def of(self, call: CallId) -> list[Mark]:
        return sorted((mark for (of, _), mark in self.marks.items() if of == call), key=lambda mark: mark.at)

    def put(self, call: CallId, at: float, note: str, by: AgentId) -> str:
        self._check(call, at)
        id = str(next(self._made))
        self.marks[call, id] = Mark(id, at, note, self._people.secrets[by].account.name, datetime.now(UTC))
        return id

    async def add(self, call: CallId, at: float, note: str, by: AgentId, origin: str) -> str:
        id = self.put(call, at, note, by)
        await self._audit.note(by, "recording.mark", call, {}, origin)
        return id

    async def change(
        self, call: CallId, mark: str, at: float | None, note: str | None, by: AgentId, origin: str
    ) -> bool:
        self._check(call, at or 0.0)
        old = self.marks.get((call, mark))
        if old is not None:
            at, note = old.at if at is None else at, old.note if note is None else note
            self.marks[call, mark] = replace(old, at=at, note=note)
            await self._audit.note(by, "recording.mark.change", call, {}, origin)
        return old is not None

    async def remove(self, call: CallId, mark: str, by: AgentId, origin: str) -> bool:
        found = self.marks.pop((call, mark), None) is not None
        if found:
            await self._audit.note(by, "recording.mark.remove", call, {}, origin)
        return found

    def _check(self, call: CallId, at: float) -> None:
        if at > self.lengths.get(call, -1.0):
            raise CannotMark("beyond the recording")


class IconsTwin:
    def __init__(self, accounts: AccountsTwin) -> None:
        self._accounts = accounts
        self.icons: dict[AgentId, Icon] = {}

    async def find(self, account: AgentId) -> Icon | None:
        return self.icons.get(account)

    async def put(self, account: AgentId, icon: Icon) -> None:
        self.icons[account] = icon
        self._accounts.rename_icon(account, f"{len(icon.body):x}")

    async def remove(self, account: AgentId) -> None:
        self.icons.pop(account, None)
        self._accounts.rename_icon(account, "")


class ExportsTwin:
    """`finish` is what the background would have done."""

    def __init__(self) -> None:
        self.exports: dict[str, Export] = {}
        self.calls: dict[str, list[CallId]] = {}

    async def ask(self, by: AgentId, calls: Sequence[CallId], origin: str) -> Export:
        if not 1 <= len(calls) <= MAX_EXPORT:
            raise ValueError(f"{len(calls)} calls")
        id = f"export{len(self.exports)}"
        self.calls[id] = list(calls)
        self.exports[id] = Export(id, by, datetime.now(UTC), "waiting", len(calls), 0, None, None, "")
        return self.exports[id]

    def finish(self, id: str) -> None:
        made = self.exports[id]
        self.exports[id] = replace(made, state="ready", done=made.calls, packed=made.calls, bytes=5)

    async def find(self, id: str) -> Export | None:
        return self.exports.get(id)

    async def open(self, id: str) -> OpenedAudio | None:
        ready = self.exports[id].state == "ready"
        return OpenedTwin(b"PK\x05\x06!", 1.0, "application/zip") if ready else None


class AlarmsTwin:
    def __init__(self) -> None:
        self.now: list[Alarm] = []

    def __call__(self) -> list[Alarm]:
        return list(self.now)


class ProverTwin:
    """Cheap on purpose: argon2id has its own tests."""

    async def hash(self, secret: str) -> str:
        return "plain:" + secret

    async def verify(self, hash: str | None, secret: str) -> bool:
        return hash == "plain:" + secret


class CentersTwin:
    def __init__(self, centers: list[CenterRecord], accounts: AccountsTwin) -> None:
        self.rows = {center.id: center for center in centers}
        self._accounts = accounts

    async def centers(self) -> list[CenterRecord]:
        return sorted(self.rows.values(), key=lambda center: center.extension)

    async def center(self, id: CenterId) -> CenterRecord | None:
        return self.rows.get(id)

    async def put_agent(self, center: CenterId, agent: AgentId, skill: int) -> bool:
        account = await self._accounts.by_id(agent)
        if center not in self.rows or account is None or not account.is_agent:
            return False
        others = [other for other in self.rows[center].agents if other.agent != agent]
        agents = sorted([*others, CenterAgent(agent, account.name, account.login, skill)], key=lambda one: one.skill)
        self.rows[center] = replace(self.rows[center], agents=agents)
        return True

    async def remove_agent(self, center: CenterId, agent: AgentId) -> bool:
        row = self.rows.get(center)
        if row is None or agent not in {other.agent for other in row.agents}:
            return False
        self.rows[center] = replace(row, agents=[other for other in row.agents if other.agent != agent])
        return True


class CallbacksTwin:
    """`own`: the centers of every agent."""

    def __init__(self, rows: list[Callback], own: list[CenterId]) -> None:
        self.rows = {row.id: row for row in rows}
        self._own = own

    async def page(self, where: CallbackFilter, cursor: str | None, limit: int) -> Page[Callback]:
        if cursor is not None:
            raise BadCursor("no cursor of ours")
        found = [
            row
            for row in self.rows.values()
            if (where.states is None or row.state in where.states)
            and (where.centers is None or row.center in where.centers)
        ]
        return Page(sorted(found, key=lambda row: row.since, reverse=True)[:limit], None, None)

    async def find(self, id: str) -> Callback | None:
        return self.rows.get(id)

    async def change(self, seen: Callback, to: CallbackChange) -> bool:
        row = self.rows[seen.id]
        if (row.state, row.agent) != (seen.state, seen.agent):
            return False
        memo = row.memo if to.memo is None else to.memo
        name = None if to.agent is None else f"#{to.agent}"
        self.rows[seen.id] = replace(row, state=to.state, agent=to.agent, agent_name=name, memo=memo)
        return True

    async def centers_of(self, agent: AgentId) -> list[CenterId]:
        return self._own
