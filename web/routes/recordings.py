"""Recordings and waveforms of a call, by its id only."""

import contextlib
from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from pbx_bridge.core.commands import PauseRecording
from pbx_bridge.core.facts import Source
from pbx_bridge.core.ids import CallId
from pbx_bridge.ports.history import CallStory
from pbx_bridge.ports.recordings import AudioFormat, OpenedAudio
from web import answers
from web.access import EVERYBODY, SUPERVISORS, Route
from web.context import Visit
from web.peaks import Peaks, peaks_from_dat
from web.problems import FieldError, Problem
from web.ranges import byte_range
from web.routes.calls import story_of


class RecordingQuery(Struct, frozen=True, kw_only=True):
    """`start` and `end` in seconds from the recording's beginning cut a clip; `download` names it as a file."""

    start: float | None = None
    end: float | None = None
    format: AudioFormat = "flac"
    download: bool = False


class PeaksQuery(Struct, frozen=True, kw_only=True):
    samples_per_pixel: Annotated[int, Meta(ge=32, le=65_536)] = 256


class RecordingPause(Struct, frozen=True, forbid_unknown_fields=True):
    pause: bool


class RecordingHold(Struct, frozen=True, forbid_unknown_fields=True):
    """`reason` stands in the audit trail."""

    hold: bool
    reason: Annotated[str, Meta(max_length=200)] = ""


async def hold(visit: Visit) -> web.StreamResponse:
    given = await answers.body(visit, RecordingHold)
    await set_hold(visit, given.hold, given.reason)
    return answers.no_content()


async def set_hold(visit: Visit, held: bool, reason: str) -> None:
    """Raises Problem `unknown-call`, or `not-found` where there is no recording, or none any more."""
    story = await story_of(visit)
    if not await visit.ports.holds.hold(story.call.id, held, visit.account.id, reason, visit.origin):
        raise Problem("not-found", "There is no recording of this call (any more).")


async def pause(visit: Visit) -> web.StreamResponse:
    """Of a call that lives: the agent's own, or any for supervisors. It goes on by itself after a set time."""
    given = await answers.body(visit, RecordingPause)
    id, me = visit.request.match_info["id"], str(visit.account.id)
    board = visit.ports.engine.snapshot()
    own = any(row.id == me and row.call == id for row in board.agents)
    if visit.account.role == "agent" and not own:
        raise Problem("unknown-call", "There is no such call of yours.")
    source: Source = "api" if visit.by == "bearer" else "web" if own else "supervisor"
    await visit.ports.engine.submit(PauseRecording(CallId(id), source, visit.account.id, given.pause))
    act = "recording.pause" if given.pause else "recording.resume"
    await visit.ports.audit.note(visit.account.id, act, id, {}, visit.origin)
    return answers.no_content()


async def recording(visit: Visit) -> web.StreamResponse:
    asked = answers.query(visit, RecordingQuery)
    story = await story_of(visit)
    opened = await _open(visit, asked)
    if opened is None:
        raise Problem("not-found", "There is no recording of this call that can be played (yet).")
    within = wanted_range(visit, opened)
    await _note_once(visit, asked, opened.audio.seconds, within)
    return await send_audio(visit, opened, within, _file_name(story, asked) if asked.download else None)


def wanted_range(visit: Visit, opened: OpenedAudio) -> tuple[int, int] | None:
    """The bytes asked for; all of them (None) also when what was begun with has changed since."""
    whole = f'"{opened.audio.etag}"'
    within = byte_range(visit.request.headers.get("Range"), opened.audio.size)
    return within if visit.request.headers.get("If-Range", whole) == whole else None


async def _open(visit: Visit, asked: RecordingQuery) -> OpenedAudio | None:
    id = (await story_of(visit)).call.id
    if asked.start is None and asked.end is None:
        return await visit.ports.recordings.open(id, asked.format)
    start, end = asked.start or 0.0, asked.end if asked.end is not None else float("inf")
    if not 0 <= start < end:
        raise Problem("invalid", errors=(FieldError("end", "not after start"),))
    try:
        return await visit.ports.recordings.cut(id, start, end, asked.format)
    except ValueError as wrong:
        raise Problem("invalid", errors=(FieldError("start", "beyond the recording"),)) from wrong


async def _note_once(visit: Visit, asked: RecordingQuery, seconds: float, within: tuple[int, int] | None) -> None:
    """Every play and download is audited: at its first byte, not at each piece a player fetches.

    `seconds` of sound, and from where to where if it is a clip.
    """
    if within is not None and within[0] > 0:
        return
    act = "recording.download" if asked.download else "recording.play"
    detail = {name: str(value) for name, value in (("start", asked.start), ("end", asked.end)) if value is not None}
    detail["seconds"] = f"{seconds:.3f}"
    await visit.ports.audit.note(visit.account.id, act, visit.request.match_info["id"], detail, visit.origin)


async def send_audio(
    visit: Visit, opened: OpenedAudio, within: tuple[int, int] | None, file_name: str | None
) -> web.StreamResponse:
    """An opened file, or `within` of it."""
    audio = opened.audio
    start, stop = within or (0, audio.size)
    response = web.StreamResponse(status=200 if within is None else 206)
    response.content_type = audio.media_type
    response.content_length = stop - start
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = f'"{audio.etag}"'
    if within is not None:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{audio.size}"
    if file_name:
        response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    with contextlib.suppress(ConnectionResetError):  # a player that seeks leaves in the middle
        await response.prepare(visit.request)
        async for block in opened.read(start, stop):
            await response.write(block)
        await response.write_eof()
    return response


def _file_name(story: CallStory, asked: RecordingQuery) -> str:
    """A clip's with the recording's seconds, as the player shows them."""
    if asked.start is None and asked.end is None:
        return f"{story.call.id}.{asked.format}"
    end = "" if asked.end is None else f"{asked.end:.2f}"
    return f"{story.call.id}_{asked.start or 0:.2f}-{end}.{asked.format}"


async def peaks(visit: Visit) -> web.StreamResponse:
    asked = answers.query(visit, PeaksQuery)
    story = await story_of(visit)
    dat = await visit.ports.recordings.peaks(story.call.id, asked.samples_per_pixel)
    if dat is None:
        raise Problem("not-found", "There is no waveform of this call (yet).")
    if "application/json" in visit.request.headers.get("Accept", ""):
        return answers.json(peaks_from_dat(dat))
    return web.Response(body=dat, content_type="application/octet-stream")


RECORDING = "/api/v1/calls/{id}/recording"
ROUTES = (
    Route(
        method="POST",
        path=RECORDING + "/pause",
        handler=pause,
        roles=EVERYBODY,
        summary="Pause (true) or resume (false) the recording of a live call",
        body=RecordingPause,
        status=204,
    ),
    Route(
        method="PUT",
        path=RECORDING + "/hold",
        handler=hold,
        roles=SUPERVISORS,
        summary="Keep a recording beyond its days (legal hold), or no longer",
        body=RecordingHold,
        status=204,
    ),
    Route(
        method="GET",
        path=RECORDING,
        handler=recording,
        roles=EVERYBODY,
        summary="A call's recording or a clip of it; ranges are answered",
        query=RecordingQuery,
        media=("audio/flac", "audio/wav"),
        also=(206,),
    ),
    Route(
        method="GET",
        path="/api/v1/calls/{id}/peaks",
        handler=peaks,
        roles=EVERYBODY,
        summary="A call's waveform: audiowaveform's .dat, or JSON by Accept",
        query=PeaksQuery,
        returns=Peaks,
        media=("application/octet-stream", "application/json"),
    ),
)
