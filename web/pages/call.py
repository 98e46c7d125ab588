"""One call: its story over its two-lane waveform."""

from datetime import datetime, timedelta

from aiohttp import web
from msgspec import Struct

from pbx_bridge.ports.history import CallStory
from pbx_bridge.ports.recording_marks import Mark
from pbx_bridge.ports.recordings import AudioFormat
from web.access import EVERYBODY, SUPERVISORS, Route
from web.context import Visit
from web.pages.frame import field, render, see_other, telephone
from web.problems import FieldError, Problem
from web.routes.calls import story_of
from web.routes.recordings import set_hold

MEMO_MAXIMUM = 2000
REASON_MAXIMUM = 200


class Segment(Struct, frozen=True):
    """A stretch of the story, in the recording's seconds: what came before it is negative."""

    kind: str
    start: float
    end: float


class Span(Struct, frozen=True):
    """Something that held for a while within the story: `paused` and `apart` (nothing is recorded: somebody
    paused it, a transfer rings) or `monitored`."""

    kind: str
    start: float
    end: float


class Transfer(Struct, frozen=True):
    """A moment of the story, with where the call went."""

    kind: str
    at: float
    to: str


class StoryView(Struct, frozen=True):
    """What the waveform island needs. Everything in it stands in the recording's seconds, as its cuts, marks and links
    do; the call `begins` before and `ends` with it or after."""

    call: str
    begins: float
    ends: float
    recorded: float | None
    played_as: AudioFormat
    """What costs least: the vault's FLAC as it lies, or the samples the recorder has just left."""
    segments: list[Segment]
    spans: list[Span]
    transfers: list[Transfer]
    marks: list[Mark]


AFTER = {
    "queued": "waiting",
    "offered": "ringing",
    "ringing": "ringing",
    "not_taken": "waiting",
    "answered": "talking",
    "held": "held",
    "resumed": "talking",
    "joined": "talking",
    "message": "message",
    "blind_transfer": "ringing",
    "attended_transfer": "talking",
}
"""What a step begins. Steps that are not here (monitored, left_queue …) happen within a stretch."""

SPANS = {
    "recording_paused": ("paused", "recording_resumed"),
    "blind_transfer": ("apart", "joined"),
    "monitored": ("monitored", "unmonitored"),
}
"""What a step opens, and the step that closes it again."""
TRANSFERS = ("blind_transfer", "attended_transfer")


class Scale:
    """Moments as the recording's seconds, within the call."""

    def __init__(self, story: CallStory) -> None:
        until = story.call.ended_at or datetime.now(story.call.started_at.tzinfo)
        self._zero = story.call.started_at + timedelta(seconds=story.sound_begins)
        self.begins = -story.sound_begins
        self.ends = max(self.begins + 0.1, (until - self._zero).total_seconds())

    def __call__(self, at: datetime) -> float:
        return min(self.ends, max(self.begins, (at - self._zero).total_seconds()))


def segments(story: CallStory, scale: Scale) -> list[Segment]:
    """The story as consecutive stretches from the call's beginning to its end."""
    marks = [(scale.begins, "arriving" if story.call.direction == "inbound" else "dialing")]
    marks += [
        (scale(step.at), AFTER[step.kind])
        for step in sorted(story.steps, key=lambda step: step.at)
        if step.kind in AFTER
    ]
    if story.call.answered_at is not None and not any(kind == "talking" for _, kind in marks):
        marks.append((scale(story.call.answered_at), "talking"))
    changes = [mark for at, mark in enumerate(marks) if at == 0 or mark[1] != marks[at - 1][1]]
    ends = [start for start, _ in changes[1:]] + [scale.ends]
    return [Segment(kind, start, end) for (start, kind), end in zip(changes, ends, strict=True) if end - start > 0.05]


def spans(story: CallStory, scale: Scale) -> list[Span]:
    """Pauses of the recording and monitoring, within the call; what nobody closed lasts until its end."""
    found: list[Span] = []
    since: dict[str, float] = {}
    for step in sorted(story.steps, key=lambda step: step.at):
        at = scale(step.at)
        if step.kind in SPANS:
            since.setdefault(step.kind, at)
        for opener, (kind, closer) in SPANS.items():
            if step.kind == closer and opener in since:
                found.append(Span(kind, since.pop(opener), at))
    return found + [Span(SPANS[opener][0], start, scale.ends) for opener, start in since.items()]


def transfers(story: CallStory, scale: Scale) -> list[Transfer]:
    return [
        Transfer(step.kind, scale(step.at), telephone(step.detail)) for step in story.steps if step.kind in TRANSFERS
    ]


def story_view(visit: Visit, story: CallStory, recorded: float | None, marks: list[Mark]) -> StoryView:
    scale = Scale(story)
    return StoryView(
        story.call.id,
        scale.begins,
        scale.ends,
        recorded,
        "wav" if story.recording and story.recording.state == "spooled" else "flac",
        segments(story, scale),
        spans(story, scale),
        transfers(story, scale),
        marks,
    )


async def _recorded(visit: Visit, story: CallStory) -> float | None:
    """Seconds that can be heard: of what the recorder has just left, only its file can tell."""
    recording = story.recording
    if recording is None or recording.state not in ("ready", "spooled"):
        return None
    if recording.state == "ready":
        return recording.seconds
    opened = await visit.ports.recordings.open(story.call.id, "wav")
    return opened.audio.seconds if opened else None


async def show(visit: Visit) -> web.StreamResponse:
    story = await story_of(visit)
    return await _page(visit, story, None, story.call.memo)


async def _page(visit: Visit, story: CallStory, problem: Problem | None, memo: str) -> web.Response:
    status = problem.status if problem else 200
    view = story_view(visit, story, await _recorded(visit, story), await visit.ports.marks.of(story.call.id))
    return render(visit, "call.html", status, story=story, view=view, problem=problem, memo=memo)


async def save_memo(visit: Visit) -> web.StreamResponse:
    story = await story_of(visit)
    memo = await field(visit, "memo")
    if len(memo) > MEMO_MAXIMUM:
        problem = Problem("invalid", errors=(FieldError("memo", "too-long"),))
        return await _page(visit, story, problem, memo)
    await visit.ports.histories.set_memo(story.call.id, memo)
    return see_other(f"/calls/{story.call.id}", saved="memo")


async def save_hold(visit: Visit) -> web.StreamResponse:
    held, reason = await field(visit, "hold") == "1", await field(visit, "reason")
    await set_hold(visit, held, reason[:REASON_MAXIMUM])
    return see_other(f"/calls/{visit.request.match_info['id']}", saved="hold")


ROUTES = (
    Route(method="GET", path="/calls/{id}", handler=show, roles=EVERYBODY, summary="A call"),
    Route(
        method="POST",
        path="/calls/{id}/memo",
        handler=save_memo,
        roles=EVERYBODY,
        summary="Save a call's memo",
        form=True,
    ),
    Route(
        method="POST",
        path="/calls/{id}/hold",
        handler=save_hold,
        roles=SUPERVISORS,
        summary="Keep a recording beyond its days, or no longer",
        form=True,
    ),
)
