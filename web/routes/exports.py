"""Many recordings at once: asked for here, made in the background, taken away as one archive with a manifest."""

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from pbx_bridge.core.ids import CallId
from pbx_bridge.ports.history import CallFilter
from pbx_bridge.ports.recording_exports import MAX_EXPORT, Export
from web import answers
from web.access import EVERYBODY, Route
from web.context import Visit
from web.problems import FieldError, Problem
from web.routes.calls import CallsQuery, filter_of
from web.routes.recordings import send_audio, wanted_range

PAGE = 500
Ids = Annotated[list[Annotated[str, Meta(pattern=r"^[0-9a-z]{12}$")]], Meta(max_length=MAX_EXPORT)]


class ExportAsk(Struct, frozen=True, forbid_unknown_fields=True):
    """Either `calls` by id, or `filter` with the names of `GET /calls`: its calls with a recording, newest first."""

    calls: Ids = []
    filter: CallsQuery | None = None


async def ask(visit: Visit) -> web.StreamResponse:
    given = await answers.body(visit, ExportAsk)
    if bool(given.calls) == (given.filter is not None):
        raise Problem("invalid", errors=(FieldError("calls", "either calls or filter"),))
    if given.filter is not None:
        made = await of_filter(visit, filter_of(visit, given.filter))
    else:
        made = await _ordered(visit, await _permitted(visit, given.calls))
    response = answers.json(made, 202)
    response.headers["Location"] = f"/api/v1/exports/{made.id}"
    return response


async def of_filter(visit: Visit, where: CallFilter) -> Export:
    """Raises Problem `invalid` when nothing, or more than an archive holds, matches."""
    found: list[CallId] = []
    cursor: str | None = None
    while True:
        page = await visit.ports.histories.calls(where, cursor, PAGE)
        found += [row.id for row in page.rows if row.has_recording]
        cursor = page.older
        if cursor is None or len(found) > MAX_EXPORT:
            return await _ordered(visit, found)


async def _permitted(visit: Visit, ids: list[str]) -> list[CallId]:
    """An agent takes the own calls only, and learns nothing of others."""
    if visit.account.role != "agent":
        return [CallId(id) for id in ids]
    own = []
    for id in ids:
        story = await visit.ports.histories.call(CallId(id))
        if story is None or not story.belongs_to(visit.account.id):
            raise Problem("unknown-call", id)
        own.append(story.call.id)
    return own


async def _ordered(visit: Visit, calls: list[CallId]) -> Export:
    try:
        return await visit.ports.exports.ask(visit.account.id, calls, visit.origin)
    except ValueError as wrong:
        reason = "nothing" if not calls else "too-many"
        raise Problem("invalid", str(wrong), errors=(FieldError("calls", reason),)) from wrong


async def export_of(visit: Visit) -> Export:
    """Who asked may follow it, and administrators may."""
    id = visit.request.match_info["id"]
    found = await visit.ports.exports.find(id) if len(id) <= 40 and id.isascii() and id.isalnum() else None
    if found is None or (found.by != visit.account.id and visit.account.role != "administrator"):
        raise Problem("not-found", "There is no such export.")
    return found


async def show(visit: Visit) -> web.StreamResponse:
    return answers.json(await export_of(visit))


async def take(visit: Visit) -> web.StreamResponse:
    export = await export_of(visit)
    opened = await visit.ports.exports.open(export.id)
    if opened is None:
        raise Problem("not-found", "The archive is not ready, or not kept any more.")
    within = wanted_range(visit, opened)
    if within is None or within[0] == 0:
        detail = {"calls": str(export.calls), "seconds": f"{opened.audio.seconds:.3f}"}
        await visit.ports.audit.note(visit.account.id, "recording.export_download", export.id, detail, visit.origin)
    return await send_audio(visit, opened, within, f"recordings-{export.asked_at:%Y%m%d}-{export.id[:6]}.zip")


EXPORTS = "/api/v1/exports"
ROUTES = (
    Route(
        method="POST",
        path=EXPORTS,
        handler=ask,
        roles=EVERYBODY,
        summary="Ask for an archive of recordings with a manifest; it is made in the background",
        body=ExportAsk,
        returns=Export,
        status=202,
    ),
    Route(method="GET", path=EXPORTS + "/{id}", handler=show, roles=EVERYBODY, summary="How far it is", returns=Export),
    Route(
        method="GET",
        path=EXPORTS + "/{id}/file",
        handler=take,
        roles=EVERYBODY,
        summary="The archive (ZIP); ranges are answered",
        media=("application/zip",),
        also=(206,),
    ),
)
