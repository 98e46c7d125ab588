"""Callbacks: who waits for a call, longest first in the eye, one press to take and dial."""

from urllib.parse import urlencode

from aiohttp import web

from pbx_bridge.core.errors import Refused, Unreachable
from pbx_bridge.ports.callbacks import Callback
from pbx_bridge.ports.history import Page
from pbx_bridge.services.change_callback import change_callback
from web import answers
from web.access import EVERYBODY, Route
from web.context import Visit
from web.pages.frame import field, render, see_other
from web.problems import Problem
from web.routes.callbacks import CallbackPatch, CallbacksQuery, call, filter_of, found

STATES = ("unfinished", "open", "in_progress", "done", "given_up", "all")


async def show(visit: Visit) -> web.StreamResponse:
    return await _page(visit, None)


async def _page(visit: Visit, problem: Problem | None) -> web.Response:
    given = {name: visit.request.query[name] for name in ("state", "center") if visit.request.query.get(name)}
    page: Page[Callback] = Page([], None, None)
    asked = CallbacksQuery()
    try:
        named = given | {"cursor": cursor} if (cursor := visit.request.query.get("cursor")) else given
        asked = answers.form(named, CallbacksQuery)
        page = await visit.ports.callbacks.page(await filter_of(visit, asked), asked.cursor, asked.limit)
    except Problem as wrong:
        problem = wrong
    return render(
        visit,
        "callbacks.html",
        problem.status if problem else 200,
        page=page,
        state=asked.state,
        states=STATES,
        center=given.get("center", ""),
        centers=[(row.id, row.name) for row in visit.ports.engine.snapshot().centers],
        problem=problem,
        back="/callbacks" + ("?" + urlencode(given) if given else ""),
        older=_link(given, page.older),
        newer=_link(given, page.newer),
    )


def _link(given: dict[str, str], cursor: str | None) -> str | None:
    return None if cursor is None else "/callbacks?" + urlencode(given | {"cursor": cursor})


async def change(visit: Visit) -> web.StreamResponse:
    """A row's buttons and memo, for those without script too."""
    dials = await field(visit, "state") == "dial"
    given = {"state": "in_progress" if dials else await field(visit, "state"), "memo": await field(visit, "memo")}
    try:
        wanted = answers.form(given, CallbackPatch)
        seen = await found(visit)
        await change_callback(
            visit.ports.callbacks, visit.ports.audit, visit.account, seen, wanted.state, wanted.memo, visit.origin
        )
        if dials:
            await call(visit)
    except Problem as wrong:
        return await _page(visit, wrong)
    except Refused as refused:
        return await _page(visit, Problem.of(refused))
    except Unreachable as away:
        return await _page(visit, Problem("unreachable", str(away)))
    kept = {name: value for name in ("state", "center") if (value := await field(visit, f"shown_{name}"))}
    return see_other("/callbacks", saved=f"{'dial' if dials else 'callback'}-{seen.id}", **kept)


ROUTES = (
    Route(method="GET", path="/callbacks", handler=show, roles=EVERYBODY, summary="Callbacks"),
    Route(
        method="POST", path="/callbacks/{id}", handler=change, roles=EVERYBODY, summary="Change a callback", form=True
    ),
)
