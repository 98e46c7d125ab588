"""My picture: sent as it is, shown in the top line."""

from aiohttp import web
from aiohttp.web_exceptions import HTTPRequestEntityTooLarge

from pbx_bridge.ports.icons import ICON_BYTES
from web import answers
from web.access import EVERYBODY, Route
from web.context import Visit
from web.pictures import icon_of
from web.problems import Problem

YEAR_SECONDS = 31_536_000
TYPES = ("image/jpeg", "image/png", "image/gif")


async def show(visit: Visit) -> web.StreamResponse:
    name = visit.account.icon
    headers = {"ETag": f'"{name}"', "Cache-Control": "private, no-cache", "Content-Disposition": "inline"}
    if name and visit.request.query.get("v") == name:
        headers["Cache-Control"] = f"private, max-age={YEAR_SECONDS}, immutable"
    if name and visit.request.headers.get("If-None-Match") == f'"{name}"':
        return web.Response(status=304, headers=headers)
    icon = await visit.ports.icons.find(visit.account.id)
    if icon is None:
        raise Problem("not-found", "There is no picture.")
    return web.Response(body=icon.body, content_type=icon.media_type, headers=headers)


async def change(visit: Visit) -> web.StreamResponse:
    """The body is the picture; its Content-Type is not looked at."""
    if (visit.request.content_length or 0) > ICON_BYTES:
        raise Problem("too-large", "1 MB at most.")
    try:
        body = await visit.request.read()
    except HTTPRequestEntityTooLarge as wrong:
        raise Problem("too-large", "1 MB at most.") from wrong
    await keep(visit, body)
    return answers.no_content()


async def keep(visit: Visit, body: bytes) -> None:
    """Raises Problem `invalid` or `too-large` at `icon`."""
    await visit.ports.icons.put(visit.account.id, icon_of(body))


async def remove(visit: Visit) -> web.StreamResponse:
    await visit.ports.icons.remove(visit.account.id)
    return answers.no_content()


ICON = "/api/v1/me/icon"
ROUTES = (
    Route(method="GET", path=ICON, handler=show, roles=EVERYBODY, summary="My picture", media=TYPES, also=(304,)),
    Route(
        method="PUT",
        path=ICON,
        handler=change,
        roles=EVERYBODY,
        summary="Change my picture: JPEG, PNG or GIF of at most 1 MB, known by its content",
        body=bytes,
        takes=TYPES,
        status=204,
    ),
    Route(method="DELETE", path=ICON, handler=remove, roles=EVERYBODY, summary="Remove my picture", status=204),
)
