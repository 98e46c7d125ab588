"""For those who run the bridge: is it alive, is it ready, what does it count, what can be asked."""

import math

from aiohttp import web
from msgspec import Struct

from pbx_bridge.core.ids import AgentId
from pbx_bridge.ports.alarms import Alarm
from web import answers, auth
from web.access import ANYONE, Route
from web.context import Visit
from web.live import FEED
from web.openapi import document
from web.problems import Problem

STALE_MS = 10_000


class Health(Struct, frozen=True):
    status: str


class Readiness(Struct, frozen=True):
    ready: bool
    database: bool
    asterisk: bool
    data_age_ms: int | None
    alarms: list[Alarm]
    """What does not stop calls and yet must be mended now."""


async def healthz(_: Visit) -> web.StreamResponse:
    return answers.json(Health("alive"))


async def readyz(visit: Visit) -> web.StreamResponse:
    age = visit.ports.engine.data_age_ms()
    try:
        await visit.ports.accounts.by_id(AgentId(0))
        database = True
    except Exception:  # whatever a driver raises: the answer is that the database does not answer
        database = False
    asterisk = age is not None and age < STALE_MS
    ready = database and asterisk
    return answers.json(Readiness(ready, database, asterisk, age, visit.ports.alarms()), 200 if ready else 503)


async def metrics(visit: Visit) -> web.StreamResponse:
    administrator = visit.session is not None and visit.account.role == "administrator"
    if not administrator and not auth.is_local(visit.request):
        raise Problem("forbidden", "From this machine, or for an administrator.")
    feed, board = visit.request.app[FEED], visit.ports.engine.snapshot()
    age = visit.ports.engine.data_age_ms()
    waiting = sum(row.waiting for row in board.centers)
    signed_in = sum(row.condition != "logged_off" for row in board.agents)
    figures = (
        ("pbx_live_sockets", "gauge", len(feed)),
        ("pbx_live_sockets_dropped_total", "counter", feed.dropped),
        ("pbx_data_age_seconds", "gauge", math.inf if age is None else age / 1000),
        ("pbx_board_changes_total", "counter", board.seq),
        ("pbx_calls", "gauge", len(board.calls)),
        ("pbx_calls_waiting", "gauge", waiting),
        ("pbx_agents_signed_in", "gauge", signed_in),
        ("pbx_alarms", "gauge", len(visit.ports.alarms())),
    )
    text = "".join(f"# TYPE {name} {kind}\n{name} {value:g}\n" for name, kind, value in figures)
    return web.Response(body=text.encode(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


async def openapi(visit: Visit) -> web.StreamResponse:
    return answers.json(document(visit.request))


ROUTES = (
    Route(method="GET", path="/healthz", handler=healthz, roles=ANYONE, summary="Alive", returns=Health),
    Route(method="GET", path="/readyz", handler=readyz, roles=ANYONE, summary="Ready", returns=Readiness, also=(503,)),
    Route(method="GET", path="/metrics", handler=metrics, roles=ANYONE, summary="Figures", media=("text/plain",)),
    Route(
        method="GET", path="/api/v1/openapi.json", handler=openapi, roles=ANYONE, summary="This document", returns=dict
    ),
)
