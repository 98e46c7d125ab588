"""Centers as pages: how each treats its callers, its coming days, and who works there."""

from aiohttp import web

from pbx_bridge.core.ids import AgentId, CenterId
from pbx_bridge.core.treatment import ways
from web import answers
from web.access import ADMINISTRATORS, SUPERVISORS, Route
from web.context import Visit
from web.pages.frame import field, render, see_other
from web.problems import Problem
from web.routes import centers as api
from web.routes.centers import SkillPut, found, id_in_path


async def show_all(visit: Visit) -> web.StreamResponse:
    return render(visit, "centers.html", centers=await visit.ports.centers.centers())


async def show(visit: Visit) -> web.StreamResponse:
    return await _page(visit, None)


async def _page(visit: Visit, problem: Problem | None) -> web.Response:
    settings = await found(visit)
    working = {agent.agent for agent in settings.center.agents}
    others = [account for account in await visit.ports.accounts.all() if account.is_agent and account.id not in working]
    return render(
        visit,
        "center.html",
        problem.status if problem else 200,
        center=settings.center,
        treatment=settings.center.treatment,
        ways=list(ways(settings.center.treatment)),
        calendar=settings.calendar,
        others=others,
        may_change=visit.account.role == "administrator",
        problem=problem,
    )


async def put(visit: Visit) -> web.StreamResponse:
    center, agent = CenterId(id_in_path(visit, "id")), await field(visit, "agent")
    try:
        given = answers.form({"skill": await field(visit, "skill") or "0"}, SkillPut)
        await api.put_agent(
            visit, center, AgentId(int(agent) if agent.isdecimal() and len(agent) < 19 else 0), given.skill
        )
    except Problem as wrong:
        return await _page(visit, wrong)
    return see_other(f"/centers/{center}", saved=f"agent-{agent}")


async def remove(visit: Visit) -> web.StreamResponse:
    center = CenterId(id_in_path(visit, "id"))
    try:
        await api.remove_agent(visit, center, AgentId(id_in_path(visit, "agent")))
    except Problem as wrong:
        return await _page(visit, wrong)
    return see_other(f"/centers/{center}", saved="agents")


AGENTS = "/centers/{id}/agents"
ROUTES = (
    Route(method="GET", path="/centers", handler=show_all, roles=SUPERVISORS, summary="Centers"),
    Route(method="GET", path="/centers/{id}", handler=show, roles=SUPERVISORS, summary="A center"),
    Route(method="POST", path=AGENTS, handler=put, roles=ADMINISTRATORS, summary="Let an agent work there", form=True),
    Route(
        method="POST",
        path=AGENTS + "/{agent}/remove",
        handler=remove,
        roles=ADMINISTRATORS,
        summary="Take an agent out",
        form=True,
    ),
)
