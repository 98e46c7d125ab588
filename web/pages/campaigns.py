"""Campaigns: progress, the drop rate against its cap, and starting and stopping jobs."""

from typing import get_args

from aiohttp import web

from pbx_bridge.core.errors import Refused, Unreachable
from pbx_bridge.core.facts import AttemptResult
from pbx_bridge.core.ids import JobId
from web import answers, views
from web.access import SUPERVISORS, Route
from web.context import Visit
from web.pages.frame import render, see_other
from web.problems import Problem
from web.routes.campaigns import job_states, run

RESULTS = tuple(get_args(AttemptResult))
"""Results stand in this order whatever the lists brought first."""


async def show(visit: Visit) -> web.StreamResponse:
    return await _page(visit, None)


async def _page(visit: Visit, problem: Problem | None) -> web.Response:
    snapshot = views.live(visit.ports.engine.snapshot(), visit.ports.engine.data_age_ms())
    return render(
        visit,
        "campaigns.html",
        problem.status if problem else 200,
        states=await job_states(visit),
        campaigns=await visit.ports.campaigns.campaigns(),
        names={account.id: account.name for account in await visit.ports.accounts.all()},
        results=RESULTS,
        snapshot=snapshot,
        problem=problem,
    )


async def _run(visit: Visit, running: bool) -> web.StreamResponse:
    id = answers.id_in_path(visit, JobId)
    try:
        await run(visit, id, running)
    except Refused as refused:
        return await _page(visit, Problem.of(refused))
    except Unreachable as away:
        return await _page(visit, Problem("unreachable", str(away)))
    return see_other("/campaigns", saved=f"job-{id}")


async def start(visit: Visit) -> web.StreamResponse:
    return await _run(visit, True)


async def stop(visit: Visit) -> web.StreamResponse:
    return await _run(visit, False)


JOB = "/campaigns/jobs/{id}"
ROUTES = (
    Route(method="GET", path="/campaigns", handler=show, roles=SUPERVISORS, summary="Campaigns"),
    Route(method="POST", path=JOB + "/start", handler=start, roles=SUPERVISORS, summary="Start a job", form=True),
    Route(method="POST", path=JOB + "/stop", handler=stop, roles=SUPERVISORS, summary="Stop a job", form=True),
)
