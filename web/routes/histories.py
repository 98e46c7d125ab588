"""The other histories: Asterisk's records, status intervals, sign-ins, and who did what."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from aiohttp import web
from msgspec import Struct

from pbx_bridge.core.ids import AgentId
from pbx_bridge.ports.history import ActivityRecord, AuditRecord, CdrRecord, LoginRecord, Page
from web import answers
from web.access import ADMINISTRATORS, EVERYBODY, SUPERVISORS, Route
from web.context import Visit
from web.periods import PeriodQuery, period
from web.routes.calls import Number

S = TypeVar("S", bound=Struct)
Read = Callable[[datetime | None, datetime | None, str | None, int], Awaitable[Page[S]]]


class CdrQuery(PeriodQuery, frozen=True, kw_only=True):
    number: Number = ""


class PersonQuery(PeriodQuery, frozen=True, kw_only=True):
    """`agent`: an account's id; an agent always gets the own rows."""

    agent: AgentId | None = None


def whose(visit: Visit, asked: PersonQuery) -> AgentId | None:
    return visit.account.id if visit.account.role == "agent" else asked.agent


async def _answer(visit: Visit, asked: PeriodQuery, name: str, type_: type[S], read: Read[S]) -> web.StreamResponse:
    since, until = period(asked, visit.settings.zone)
    if answers.wants_csv(visit):
        return await answers.csv_stream(visit, name, type_, lambda cursor: read(since, until, cursor, 500))
    return answers.json(await read(since, until, asked.cursor, asked.limit))


async def cdr(visit: Visit) -> web.StreamResponse:
    asked = answers.query(visit, CdrQuery)
    histories = visit.ports.histories
    return await _answer(visit, asked, "cdr", CdrRecord, lambda s, u, c, n: histories.cdr(s, u, asked.number, c, n))


async def activity(visit: Visit) -> web.StreamResponse:
    asked = answers.query(visit, PersonQuery)
    agent, histories = whose(visit, asked), visit.ports.histories
    return await _answer(
        visit, asked, "agent-activity", ActivityRecord, lambda s, u, c, n: histories.activity(agent, s, u, c, n)
    )


async def logins(visit: Visit) -> web.StreamResponse:
    asked = answers.query(visit, PersonQuery)
    agent, histories = whose(visit, asked), visit.ports.histories
    return await _answer(visit, asked, "logins", LoginRecord, lambda s, u, c, n: histories.logins(agent, s, u, c, n))


async def audit(visit: Visit) -> web.StreamResponse:
    asked = answers.query(visit, PeriodQuery)
    histories = visit.ports.histories
    return await _answer(visit, asked, "audit", AuditRecord, lambda s, u, c, n: histories.audit(s, u, c, n))


MEDIA = ("application/json", "text/csv")
ROUTES = (
    Route(
        method="GET",
        path="/api/v1/cdr",
        handler=cdr,
        roles=SUPERVISORS,
        summary="Call history: Asterisk's own records",
        query=CdrQuery,
        returns=Page[CdrRecord],
        media=MEDIA,
    ),
    Route(
        method="GET",
        path="/api/v1/agent-activity",
        handler=activity,
        roles=EVERYBODY,
        summary="Agent activity history",
        query=PersonQuery,
        returns=Page[ActivityRecord],
        media=MEDIA,
    ),
    Route(
        method="GET",
        path="/api/v1/logins",
        handler=logins,
        roles=EVERYBODY,
        summary="Login history",
        query=PersonQuery,
        returns=Page[LoginRecord],
        media=MEDIA,
    ),
    Route(
        method="GET",
        path="/api/v1/audit",
        handler=audit,
        roles=ADMINISTRATORS,
        summary="Audit trail",
        query=PeriodQuery,
        returns=Page[AuditRecord],
        media=MEDIA,
    ),
)
