"""Center pages: the coming days, and who works there at which skill level."""

from datetime import UTC, datetime

import pytest
from msgspec import structs

from pbx_bridge.core.calendar import Calendar
from pbx_bridge.core.ids import AgentId, CenterId
from pbx_bridge.core.treatment import Treatment
from web.context import WebPorts
from web.routes.centers import fortnight

from .conftest import Enter
from .twins.centers import CentersTwin
from .twins.people import AuditTwin

API = "/api/v1/centers/1"


async def test_the_coming_days_are_the_centers_own_and_name_their_holidays(twins: WebPorts) -> None:
    center = await twins.centers.center(CenterId(1))
    assert center is not None
    calendar = Calendar(week={"mon-fri": ("09:00-24:00",)}, holiday=(), dates={"2026-09-25": ("10:00-12:00",)})
    own = structs.replace(center, treatment=Treatment(calendar=calendar))
    days = fortnight(own, datetime(2026, 9, 20, 16, 0, tzinfo=UTC))  # already the 21st where the center is
    assert days is not None
    assert [(day.day.day, day.holiday, day.hours) for day in days[:5]] == [
        (21, "敬老の日", []),
        (22, "国民の休日", []),
        (23, "秋分の日", []),
        (24, "", ["09:00-24:00"]),
        (25, "", ["10:00-12:00"]),
    ]
    assert fortnight(structs.replace(own, treatment=Treatment()), datetime.now(UTC)) is None


async def test_agents_are_put_in_moved_and_taken_out_by_an_administrator(enter: Enter, twins: WebPorts) -> None:
    visitor = await enter("administrator")
    put = await visitor.client.put(f"{API}/agents/12", json={"skill": 4}, headers=visitor.headers)
    body = await (await visitor.client.get(API)).json()
    assert (put.status, body["center"]["agents"][-1]["skill"]) == (204, 4)
    assert len(body["calendar"]) == 14
    form = {"csrf": visitor.csrf, "agent": "12", "skill": "1"}
    answer = await visitor.client.post("/centers/1/agents", data=form, allow_redirects=False)
    assert answer.headers["Location"] == "/centers/1?saved=agent-12"
    gone = await visitor.client.delete(f"{API}/agents/12", headers=visitor.headers)
    again = await visitor.client.delete(f"{API}/agents/12", headers=visitor.headers)
    assert (gone.status, again.status) == (204, 404)
    assert isinstance(twins.centers, CentersTwin)
    assert AgentId(12) not in {agent.agent for agent in twins.centers.rows[CenterId(1)].agents}
    assert isinstance(twins.audit, AuditTwin)
    acts = [row.act for row in twins.audit.rows[:3]]
    assert acts == ["center.remove_agent", "center.put_agent", "center.put_agent"]


@pytest.mark.parametrize("skill", [-1, 100, "x", None])
async def test_a_skill_level_that_is_none_is_refused(enter: Enter, skill: object) -> None:
    visitor = await enter("administrator")
    answer = await visitor.client.put(f"{API}/agents/1", json={"skill": skill}, headers=visitor.headers)
    assert answer.status == 400


@pytest.mark.parametrize("path", ["/centers/99", "/centers/x", "/api/v1/centers/" + "9" * 30])
async def test_an_unknown_center_is_not_found(enter: Enter, path: str) -> None:
    assert (await (await enter("administrator")).client.get(path)).status == 404


async def test_a_supervisor_looks_and_an_administrator_changes(enter: Enter) -> None:
    supervisor = await (await (await enter("supervisor")).client.get("/centers/1")).text()
    administrator = await (await (await enter("administrator")).client.get("/centers/1")).text()
    assert "/centers/1/agents" not in supervisor
    assert "/centers/1/agents/2/remove" in administrator
