"""Centers: what the provision says of them, and who works there at which skill level."""

from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from aiohttp import web
from msgspec import Meta, Struct

from pbx_bridge.core import calendar
from pbx_bridge.core.ids import AgentId, CenterId
from pbx_bridge.ports.centers import CenterRecord
from web import answers
from web.access import ADMINISTRATORS, SUPERVISORS, Route
from web.context import Visit
from web.problems import Problem

DAYS_AHEAD = 14


class OpenDay(Struct, frozen=True):
    """`hours` as `09:00-18:00`; none: closed. `holiday` names a national holiday."""

    day: date
    holiday: str
    hours: list[str]


class CenterSettings(Struct, frozen=True):
    """`calendar` is the coming fortnight in the center's zone; None: open day and night."""

    center: CenterRecord
    calendar: list[OpenDay] | None


class SkillPut(Struct, frozen=True, forbid_unknown_fields=True):
    """0 is asked first."""

    skill: Annotated[int, Meta(ge=0, le=99)] = 0


def fortnight(center: CenterRecord, now: datetime) -> list[OpenDay] | None:
    """From today on, where the center is."""
    own = center.treatment.calendar
    if own is None:
        return None
    today = now.astimezone(ZoneInfo(own.zone)).date()
    return [_day(own, today + timedelta(days=ahead)) for ahead in range(DAYS_AHEAD)]


def _day(own: calendar.Calendar, day: date) -> OpenDay:
    hours = [f"{_clock(span.opens)}-{_clock(span.closes)}" for span in calendar.hours_on(own, day)]
    return OpenDay(day, dict(calendar.national_holidays(day.year)).get(day, ""), hours)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


async def found(visit: Visit) -> CenterSettings:
    """Raises Problem `not-found`."""
    center = await visit.ports.centers.center(answers.id_in_path(visit, CenterId))
    if center is None:
        raise Problem("not-found", "There is no such center.")
    return CenterSettings(center, fortnight(center, datetime.now(ZoneInfo(visit.settings.zone))))


async def settings(visit: Visit) -> web.StreamResponse:
    return answers.json(await found(visit))


async def put_agent(visit: Visit, center: CenterId, agent: AgentId, skill: int) -> None:
    """With an audit row. Raises Problem `not-found`."""
    if not await visit.ports.centers.put_agent(center, agent, skill):
        raise Problem("not-found", "There is no such center, or nobody of that id takes calls.")
    detail = {"agent": str(agent), "skill": str(skill)}
    await visit.ports.audit.note(visit.account.id, "center.put_agent", f"center:{center}", detail, visit.origin)


async def remove_agent(visit: Visit, center: CenterId, agent: AgentId) -> None:
    """With an audit row. Raises Problem `not-found`."""
    if not await visit.ports.centers.remove_agent(center, agent):
        raise Problem("not-found", "That agent does not work there.")
    detail = {"agent": str(agent)}
    await visit.ports.audit.note(visit.account.id, "center.remove_agent", f"center:{center}", detail, visit.origin)


async def put(visit: Visit) -> web.StreamResponse:
    given = await answers.body(visit, SkillPut)
    await put_agent(
        visit, answers.id_in_path(visit, CenterId), answers.id_in_path(visit, AgentId, "agent"), given.skill
    )
    return answers.no_content()


async def remove(visit: Visit) -> web.StreamResponse:
    await remove_agent(visit, answers.id_in_path(visit, CenterId), answers.id_in_path(visit, AgentId, "agent"))
    return answers.no_content()


CENTER = "/api/v1/centers/{id}"
ROUTES = (
    Route(
        method="GET",
        path=CENTER,
        handler=settings,
        roles=SUPERVISORS,
        summary="A center's settings, coming days and agents",
        returns=CenterSettings,
    ),
    Route(
        method="PUT",
        path=CENTER + "/agents/{agent}",
        handler=put,
        roles=ADMINISTRATORS,
        summary="Let an agent work in a center, at a skill level",
        body=SkillPut,
        status=204,
    ),
    Route(
        method="DELETE",
        path=CENTER + "/agents/{agent}",
        handler=remove,
        roles=ADMINISTRATORS,
        summary="Take an agent out of a center",
        status=204,
    ),
)
