"""An export being made: how far it is, then where it is."""

from aiohttp import web

from web import answers
from web.access import EVERYBODY, Route
from web.context import Visit
from web.pages.frame import render, see_other
from web.problems import Problem
from web.routes.calls import CallsQuery, filter_of
from web.routes.exports import export_of, of_filter

AGAIN_SECONDS = 2


async def ask(visit: Visit) -> web.StreamResponse:
    """The recordings of the calls that the history's filters show."""
    try:
        export = await of_filter(visit, filter_of(visit, answers.query(visit, CallsQuery)))
    except Problem as problem:
        back = "/calls?" + visit.request.query_string
        return render(visit, "export.html", problem.status, export=None, problem=problem, back=back)
    return see_other(f"/exports/{export.id}")


async def show(visit: Visit) -> web.StreamResponse:
    export = await export_of(visit)
    response = render(visit, "export.html", export=export)
    if export.state == "waiting":
        response.headers["Refresh"] = str(AGAIN_SECONDS)
    return response


ROUTES = (
    Route(method="POST", path="/calls/export", handler=ask, roles=EVERYBODY, summary="Export recordings", form=True),
    Route(method="GET", path="/exports/{id}", handler=show, roles=EVERYBODY, summary="An export of recordings"),
)
