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
from web.routes.centers import SkillPut, found


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


class Placed(SkillPut, frozen=True, kw_only=True):
    """The form: who, and how well they know the work."""

    agent: AgentId


async def put(visit: Visit) -> web.StreamResponse:
    center = answers.id_in_path(visit, CenterId)
    try:
        given = answers.form(
            {"agent": await field(visit, "agent"), "skill": await field(visit, "skill") or "0"}, Placed
        )
        await api.put_agent(visit, center, given.agent, given.skill)
    except Problem as wrong:
        return await _page(visit, wrong)
    return see_other(f"/centers/{center}", saved=f"agent-{given.agent}")


async def remove(visit: Visit) -> web.StreamResponse:
    center = answers.id_in_path(visit, CenterId)
    try:
        await api.remove_agent(visit, center, answers.id_in_path(visit, AgentId, "agent"))
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
