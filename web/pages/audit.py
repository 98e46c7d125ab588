"""Who did what: for administrators."""

from urllib.parse import urlencode

from aiohttp import web

from web import answers
from web.access import ADMINISTRATORS, Route
from web.context import Visit
from web.pages.frame import render
from web.periods import PeriodQuery, period


async def show(visit: Visit) -> web.StreamResponse:
    asked = answers.query(visit, PeriodQuery)
    since, until = period(asked, visit.settings.zone)
    page = await visit.ports.histories.audit(since, until, asked.cursor, asked.limit)
    older = None if page.older is None else "/audit?" + urlencode({"cursor": page.older})
    newer = None if page.newer is None else "/audit?" + urlencode({"cursor": page.newer})
    return render(visit, "audit.html", page=page, older=older, newer=newer)


ROUTES = (Route(method="GET", path="/audit", handler=show, roles=ADMINISTRATORS, summary="Audit trail"),)
