"""The other histories as pages: Asterisk's own records, everybody's activity, sign-ins."""

from urllib.parse import urlencode

from aiohttp import web

from pbx_bridge.ports.history import ActivityRecord, CdrRecord, LoginRecord, Page
from web import answers
from web.access import SUPERVISORS, Route
from web.context import Visit
from web.pages.frame import render, see_other
from web.periods import PeriodQuery, period
from web.problems import Problem

KINDS = ("cdr", "activity", "logins")
Rows = Page[CdrRecord] | Page[ActivityRecord] | Page[LoginRecord]


def _kind(visit: Visit) -> str:
    kind = visit.request.match_info["kind"]
    if kind not in KINDS:
        raise Problem("not-found", "There is no such page.")
    return kind


async def _rows(visit: Visit, kind: str, asked: PeriodQuery) -> Rows:
    (since, until), histories = period(asked, visit.settings.zone), visit.ports.histories
    match kind:
        case "cdr":
            return await histories.cdr(since, until, "", asked.cursor, asked.limit)
        case "activity":
            return await histories.activity(None, since, until, asked.cursor, asked.limit)
        case _:
            return await histories.logins(None, since, until, asked.cursor, asked.limit)


async def first(_: Visit) -> web.StreamResponse:
    return see_other(f"/records/{KINDS[0]}")


async def show(visit: Visit) -> web.StreamResponse:
    kind = _kind(visit)
    given = {name: visit.request.query[name] for name in ("from", "to") if visit.request.query.get(name)}
    problem: Problem | None = None
    page: Rows = Page[CdrRecord]([], None, None)
    try:
        page = await _rows(visit, kind, answers.query(visit, PeriodQuery))
    except Problem as wrong:
        problem = wrong

    def link(cursor: str | None) -> str | None:
        return None if cursor is None else "?" + urlencode(given | {"cursor": cursor})

    return render(
        visit,
        "records.html",
        problem.status if problem else 200,
        kind=kind,
        kinds=KINDS,
        data=page,
        given=given,
        errors={error.field: error for error in problem.errors} if problem else {},
        older=link(page.older),
        newer=link(page.newer),
        csv=f"/records/{kind}/csv?" + urlencode(given),
    )


async def as_csv(visit: Visit) -> web.StreamResponse:
    kind = _kind(visit)
    since, until = period(answers.query(visit, PeriodQuery), visit.settings.zone)
    histories = visit.ports.histories
    match kind:
        case "cdr":
            return await answers.csv_stream(
                visit, kind, CdrRecord, lambda cursor: histories.cdr(since, until, "", cursor, 500)
            )
        case "activity":
            return await answers.csv_stream(
                visit, kind, ActivityRecord, lambda cursor: histories.activity(None, since, until, cursor, 500)
            )
        case _:
            return await answers.csv_stream(
                visit, kind, LoginRecord, lambda cursor: histories.logins(None, since, until, cursor, 500)
            )


ROUTES = (
    Route(method="GET", path="/records", handler=first, roles=SUPERVISORS, summary="Records"),
    Route(method="GET", path="/records/{kind}", handler=show, roles=SUPERVISORS, summary="One kind of records"),
    Route(method="GET", path="/records/{kind}/csv", handler=as_csv, roles=SUPERVISORS, summary="The same as CSV"),
)
