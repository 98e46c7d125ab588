"""Call history: filters that live in the address, older and newer, never a page number."""

from urllib.parse import urlencode

from aiohttp import web
from msgspec import Struct

from pbx_bridge.ports.history import CallRecord, Page
from web import answers
from web.access import EVERYBODY, Route
from web.context import Visit
from web.pages.frame import render
from web.problems import Problem
from web.routes.calls import CallsQuery, calls_csv, filter_of

FILTERS = (
    "from",
    "to",
    "agent",
    "center",
    "direction",
    "result",
    "number",
    "min_seconds",
    "min_talk_share",
    "max_silence_share",
)
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


class Chip(Struct, frozen=True):
    """A filter that is on: what it says, and where the page is without it."""

    name: str
    value: str
    without: str


async def show(visit: Visit) -> web.StreamResponse:
    given = {name: visit.request.query[name] for name in FILTERS if visit.request.query.get(name)}
    problem: Problem | None = None
    page: Page[CallRecord] = Page([], None, None)
    try:
        asked = answers.query(visit, CallsQuery)
        page = await visit.ports.histories.calls(filter_of(visit, asked), asked.cursor, asked.limit)
    except Problem as wrong:
        problem = wrong
    return render(
        visit,
        "calls.html",
        problem.status if problem else 200,
        page=page,
        given=given,
        problem=problem,
        chips=_chips(visit, given),
        older=_link(given, page.older),
        newer=_link(given, page.newer),
        newest="/calls?" + urlencode(given) if visit.request.query.get("cursor") else None,
        csv="/calls.csv?" + urlencode(given),
        export="/calls/export?" + urlencode(given),
        shares=SHARES,
        agents=await _agents(visit),
        centers=[(row.id, row.name) for row in visit.ports.engine.snapshot().centers],
    )


async def _agents(visit: Visit) -> list[tuple[str, str]]:
    if visit.account.role == "agent":
        return []
    return [(str(account.id), account.name) for account in await visit.ports.accounts.all() if account.is_agent]


def _link(given: dict[str, str], cursor: str | None) -> str | None:
    return None if cursor is None else "/calls?" + urlencode(given | {"cursor": cursor})


def _chips(visit: Visit, given: dict[str, str]) -> list[Chip]:
    """Names instead of ids where the board knows them."""
    board = visit.ports.engine.snapshot()
    names = {"agent": {row.id: row.name for row in board.agents}, "center": {row.id: row.name for row in board.centers}}
    chips = []
    for name, value in given.items():
        rest = {other: kept for other, kept in given.items() if other != name}
        chips.append(Chip(name, _shown(name, names.get(name, {}).get(value, value)), "/calls?" + urlencode(rest)))
    return chips


def _shown(name: str, value: str) -> str:
    """Shares as people read them; what is no number is said as it was given."""
    try:
        return f"{float(value):.0%}" if name.endswith("_share") else value
    except ValueError:
        return value


async def as_csv(visit: Visit) -> web.StreamResponse:
    """A link cannot ask by Accept; this address can."""
    return await calls_csv(visit, filter_of(visit, answers.query(visit, CallsQuery)))


ROUTES = (
    Route(method="GET", path="/calls", handler=show, roles=EVERYBODY, summary="Call history"),
    Route(method="GET", path="/calls.csv", handler=as_csv, roles=EVERYBODY, summary="Call history as CSV"),
)
