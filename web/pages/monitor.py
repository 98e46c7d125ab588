"""The live monitor: rendered with the board of this moment, kept alive by the socket."""

from aiohttp import web

from web import views
from web.access import SUPERVISORS, Route
from web.context import Visit
from web.pages.frame import render


async def show(visit: Visit) -> web.StreamResponse:
    snapshot = views.live(visit.ports.engine.snapshot(), visit.ports.engine.data_age_ms())
    return render(visit, "monitor.html", snapshot=snapshot)


ROUTES = (Route(method="GET", path="/monitor", handler=show, roles=SUPERVISORS, summary="Live monitor"),)
