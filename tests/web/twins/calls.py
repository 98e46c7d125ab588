"""The call history and what hangs on a call: its recording, hold, marks, exports."""

import io
import itertools
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
import soundfile
from msgspec.structs import replace

from pbx_bridge.core.ids import AgentId, CallId
from pbx_bridge.ports.history import (
    ActivityRecord,
    AuditRecord,
    CallFilter,
    CallRecord,
    CallStory,
    CdrRecord,
    LoginRecord,
    Page,
    T,
)
from pbx_bridge.ports.recording_exports import MAX_EXPORT, Export
from pbx_bridge.ports.recording_marks import CannotMark, Mark
from pbx_bridge.ports.recordings import Audio, AudioFormat, OpenedAudio

from .people import AccountsTwin, AuditTwin

RATE = 8000
Samples = np.ndarray[tuple[int, int], np.dtype[np.int16]]


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
