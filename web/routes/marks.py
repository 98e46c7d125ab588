"""Marks with notes on a recording: whoever may change the call may mark it."""

from collections.abc import Awaitable
from typing import Annotated, TypeVar

from aiohttp import web
from msgspec import Meta, Struct

from pbx_bridge.ports.recording_marks import MAX_NOTE, CannotMark, Mark
from web import answers
from web.access import EVERYBODY, Route
from web.context import Visit
from web.problems import FieldError, Problem
from web.routes.calls import CALL, story_of

T = TypeVar("T")
Seconds = Annotated[float, Meta(ge=0, lt=1e6)]
Note = Annotated[str, Meta(max_length=MAX_NOTE)]


class NewMark(Struct, frozen=True, forbid_unknown_fields=True):
    """`at` in seconds from the recording's beginning."""

    at: Seconds
    note: Note = ""


class MarkPatch(Struct, frozen=True, forbid_unknown_fields=True):
    at: Seconds | None = None
    note: Note | None = None


class MarkMade(Struct, frozen=True):
    id: str


async def marks(visit: Visit) -> web.StreamResponse:
    call = (await story_of(visit)).call.id
    return answers.json(await visit.ports.marks.of(call))


async def add_mark(visit: Visit) -> web.StreamResponse:
    given = await answers.body(visit, NewMark)
    call = (await story_of(visit)).call.id
    made = await _within(visit.ports.marks.add(call, given.at, given.note.strip(), visit.account.id, visit.origin))
    return answers.json(MarkMade(made), 201)


async def change_mark(visit: Visit) -> web.StreamResponse:
    given = await answers.body(visit, MarkPatch)
    call, mark = (await story_of(visit)).call.id, visit.request.match_info["mark"]
    note = None if given.note is None else given.note.strip()
    change = visit.ports.marks.change(call, mark, given.at, note, visit.account.id, visit.origin)
    return _done(await _within(change))


async def remove_mark(visit: Visit) -> web.StreamResponse:
    call, mark = (await story_of(visit)).call.id, visit.request.match_info["mark"]
    return _done(await visit.ports.marks.remove(call, mark, visit.account.id, visit.origin))


async def _within(marking: Awaitable[T]) -> T:
    try:
        return await marking
    except CannotMark as wrong:
        raise Problem("invalid", errors=(FieldError("at", str(wrong)),)) from wrong


def _done(found: bool) -> web.Response:
    if not found:
        raise Problem("not-found", "There is no such mark.")
    return answers.no_content()


ROUTES = (
    Route(
        method="GET",
        path=CALL + "/marks",
        handler=marks,
        roles=EVERYBODY,
        summary="A recording's marks, in the order of the sound",
        returns=list[Mark],
    ),
    Route(
        method="POST",
        path=CALL + "/marks",
        handler=add_mark,
        roles=EVERYBODY,
        summary="Mark a moment of a recording",
        body=NewMark,
        returns=MarkMade,
        status=201,
    ),
    Route(
        method="PATCH",
        path=CALL + "/marks/{mark}",
        handler=change_mark,
        roles=EVERYBODY,
        summary="Move a mark or change its note",
        body=MarkPatch,
        status=204,
    ),
    Route(
        method="DELETE",
        path=CALL + "/marks/{mark}",
        handler=remove_mark,
        roles=EVERYBODY,
        summary="Remove a mark",
        status=204,
    ),
)
