"""Requests decoded and answers encoded, once for all routes."""

import csv
import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web
from aiohttp.web_exceptions import HTTPRequestEntityTooLarge
from msgspec import Struct

from pbx_bridge.core.ids import AgentId, JobId, RowId, id_from
from pbx_bridge.ports.history import Page

from . import wire
from .context import Visit
from .problems import FieldError, Problem, ProblemId
from .reasons import BODY, field_error

T = TypeVar("T")
S = TypeVar("S", bound=Struct)
Id = TypeVar("Id", bound=RowId)

_UNKNOWN: dict[type[RowId], ProblemId] = {AgentId: "unknown-agent", JobId: "unknown-job"}
_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json\s*(?:;.*)?", re.IGNORECASE)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
CSV_ROWS = 100_000
"""Rows of one CSV at most; more is a matter for a narrower period."""


def json(value: object, status: int = 200) -> web.Response:
    return web.Response(status=status, body=wire.encode(value), content_type="application/json")


def no_content() -> web.Response:
    return web.Response(status=204)


async def body(visit: Visit, type_: type[T]) -> T:
    """The JSON body. Raises Problem `invalid` naming the field, `too-large`, `unsupported-media-type`."""
    if not _JSON.fullmatch(visit.request.headers.get("Content-Type", "application/json")):
        raise Problem("unsupported-media-type", "The body is JSON: say so with Content-Type: application/json.")
    try:
        raw = await visit.request.read()
        if b"\\u0000" in raw:  # PostgreSQL keeps no such text
            raise Problem("invalid", errors=(FieldError(BODY, "characters"),))
        return wire.decode(raw, type_)
    except msgspec.ValidationError as wrong:
        raise _invalid(wrong) from wrong
    except msgspec.DecodeError as wrong:
        raise Problem("invalid", str(wrong), errors=(FieldError(BODY, "not-json"),)) from wrong
    except HTTPRequestEntityTooLarge as wrong:
        raise Problem("too-large", "The body is too large.") from wrong


def query(visit: Visit, type_: type[S]) -> S:
    """The query string; unknown names are refused, so that a misspelt filter does not silently match everything."""
    known = {field.encode_name for field in msgspec.structs.fields(type_)}
    given = {name: value for name, value in visit.request.query.items() if value != ""}
    strange = sorted({*(set(given) - known), *(name for name, value in given.items() if "\0" in value)})
    if strange:
        raise Problem("invalid", errors=tuple(FieldError(name, "unknown") for name in strange))
    try:
        return wire.convert(given, type_)
    except msgspec.ValidationError as wrong:
        raise _invalid(wrong) from wrong


def id_in_path(visit: Visit, type_: type[Id], name: str = "id") -> Id:
    """What is no id of ours is not found, under the same problem as one that nobody has."""
    try:
        return type_(id_from(type_, visit.request.match_info[name]))
    except ValueError:
        raise Problem(_UNKNOWN.get(type_, "not-found")) from None


def form(given: dict[str, str], type_: type[S]) -> S:
    """A form's fields. Raises Problem `invalid` naming the field."""
    try:
        return wire.convert(given, type_)
    except msgspec.ValidationError as wrong:
        raise _invalid(wrong) from wrong


def _invalid(wrong: msgspec.ValidationError) -> Problem:
    return Problem("invalid", errors=(field_error(str(wrong)),))


def wants_csv(visit: Visit) -> bool:
    return "text/csv" in visit.request.headers.get("Accept", "")


def cell(value: object, zone: ZoneInfo) -> str:
    """A value as a spreadsheet may safely show it: nothing that it would take for a formula (OWASP, CSV injection)."""
    match value:
        case None:
            return ""
        case datetime():
            return value.astimezone(zone).isoformat(timespec="seconds")
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return str(value)
        case str():
            return "'" + value if value.startswith(FORMULA) else value
        case _:
            return cell(wire.encode(value).decode(), zone)


async def pages(read: Callable[[str | None], Awaitable[Page[S]]]) -> AsyncIterator[list[S]]:
    """Every page from the newest to the oldest."""
    cursor: str | None = None
    rows = 0
    while True:
        page = await read(cursor)
        yield page.rows
        rows += len(page.rows)
        if page.older is None or rows >= CSV_ROWS:
            return
        cursor = page.older


async def csv_stream(
    visit: Visit, name: str, type_: type[S], read: Callable[[str | None], Awaitable[Page[S]]]
) -> web.StreamResponse:
    """A whole history as CSV, page by page; with a byte order mark, without which Excel misreads Japanese."""
    columns = [field.name for field in msgspec.structs.fields(type_)]
    zone = ZoneInfo(visit.settings.zone)
    response = web.StreamResponse(headers={"Content-Disposition": f'attachment; filename="{name}.csv"'})
    response.content_type = "text/csv"
    response.charset = "utf-8"
    parts = pages(read)
    first = await anext(parts)
    await response.prepare(visit.request)
    if visit.request.method == "HEAD":
        return response
    await response.write("\ufeff".encode() + _lines([columns]))
    await response.write(_lines([[cell(getattr(row, column), zone) for column in columns] for row in first]))
    async for rows in parts:
        await response.write(_lines([[cell(getattr(row, column), zone) for column in columns] for row in rows]))
    await response.write_eof()
    return response


def _lines(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()
