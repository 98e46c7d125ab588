"""The list of callers a center owes a call: see it, take one in hand, finish it."""

from typing import Annotated, Literal

from aiohttp import web
from msgspec import Meta, Struct

from pbx_bridge.core.ids import CenterId
from pbx_bridge.ports.callbacks import UNFINISHED, Callback, CallbackFilter, CallbackState
from pbx_bridge.ports.history import Page
from pbx_bridge.services.call_out import dial_callback
from pbx_bridge.services.change_callback import change_callback
from web import answers
from web.access import EVERYBODY, Route
from web.context import Visit
from web.problems import Problem

Shown = Literal["unfinished", "open", "in_progress", "done", "given_up", "all"]


class CallbacksQuery(Struct, frozen=True, kw_only=True):
    """`state`: unfinished (open or in progress) unless one is named. An agent sees the own centers'."""

    state: Shown = "unfinished"
    center: CenterId | None = None
    cursor: str | None = None
    limit: Annotated[int, Meta(ge=1, le=500)] = 50


class CallbackPatch(Struct, frozen=True, forbid_unknown_fields=True):
    """in_progress: it is in my hand. open: back on the list."""

    state: CallbackState
    memo: Annotated[str, Meta(max_length=2000)] | None = None


async def filter_of(visit: Visit, asked: CallbacksQuery) -> CallbackFilter:
    """Narrowed to what the role may see."""
    states: tuple[CallbackState, ...] | None
    match asked.state:
        case "unfinished":
            states = UNFINISHED
        case "all":
            states = None
        case state:
            states = (state,)
    centers = None if asked.center is None else [asked.center]
    own = await _own_centers(visit)
    if own is not None:
        centers = own if centers is None else [center for center in centers if center in own]
    return CallbackFilter(states, centers)


async def _own_centers(visit: Visit) -> list[CenterId] | None:
    """None: all of them."""
    return await visit.ports.callbacks.centers_of(visit.account.id) if visit.account.role == "agent" else None


async def found(visit: Visit) -> Callback:
    """The one in the path, if this visitor may see it. Raises Problem `not-found`."""
    callback = await visit.ports.callbacks.find(visit.request.match_info["id"])
    own = await _own_centers(visit)
    if callback is None or (own is not None and callback.center not in own):
        raise Problem("not-found", "There is no such callback.")
    return callback


async def listed(visit: Visit) -> web.StreamResponse:
    asked = answers.query(visit, CallbacksQuery)
    return answers.json(await visit.ports.callbacks.page(await filter_of(visit, asked), asked.cursor, asked.limit))


async def shown(visit: Visit) -> web.StreamResponse:
    return answers.json(await found(visit))


async def changed(visit: Visit) -> web.StreamResponse:
    given = await answers.body(visit, CallbackPatch)
    seen = await found(visit)
    await change_callback(
        visit.ports.callbacks, visit.ports.audit, visit.account, seen, given.state, given.memo, visit.origin
    )
    return answers.json(await found(visit))


async def call(visit: Visit) -> None:
    """Raises Problem `not-found`, and `Refused` as the service does."""
    ports, seen = visit.ports, await found(visit)
    await dial_callback(ports.engine, ports.callbacks, ports.audit, visit.account, seen, visit.origin)


async def dialed(visit: Visit) -> web.StreamResponse:
    await call(visit)
    return answers.no_content()


CALLBACKS = "/api/v1/callbacks"
ROUTES = (
    Route(
        method="GET",
        path=CALLBACKS,
        handler=listed,
        roles=EVERYBODY,
        summary="Callers a center owes a call",
        query=CallbacksQuery,
        returns=Page[Callback],
    ),
    Route(
        method="GET", path=CALLBACKS + "/{id}", handler=shown, roles=EVERYBODY, summary="A callback", returns=Callback
    ),
    Route(
        method="PATCH",
        path=CALLBACKS + "/{id}",
        handler=changed,
        roles=EVERYBODY,
        summary="Take a callback in hand, finish it, give it up, or put it back",
        body=CallbackPatch,
        returns=Callback,
    ),
    Route(
        method="POST",
        path=CALLBACKS + "/{id}/dial",
        handler=dialed,
        roles=EVERYBODY,
        summary="Take a callback in hand and dial: your terminal rings, then the caller is called back",
        status=204,
    ),
)
