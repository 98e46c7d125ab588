"""Promises to call somebody again: see them, move them, dial them."""

import time
from datetime import datetime
from typing import Annotated

from aiohttp import web
from msgspec import UNSET, Meta, Struct, UnsetType

from pbx_bridge.core.ids import AgentId
from pbx_bridge.ports.redials import NewRedial, Redial, RedialChange, RedialState
from pbx_bridge.services.call_out import dial_redial
from pbx_bridge.services.change_redial import change_redial
from pbx_bridge.services.promise_redial import promise_redial
from web import answers
from web.access import EVERYBODY, Route
from web.context import Visit
from web.problems import Problem


class RedialsQuery(Struct, frozen=True, kw_only=True):
    """An agent sees what is due today: the own ones, and anybody's of the campaigns they work. Supervisors see every
    open one, or those of one `agent`."""

    agent: AgentId | None = None


class RedialNew(Struct, frozen=True, forbid_unknown_fields=True):
    """`response_record`: of the conversation in which it was promised, your own. `anyone` of the dial groups may call,
    not only you. `due_at` in RFC 3339 with its zone."""

    response_record: str
    due_at: Annotated[datetime, Meta(tz=True)]
    anyone: bool = False
    memo: Annotated[str, Meta(max_length=2000)] = ""


class RedialMade(Struct, frozen=True):
    id: str


class RedialPatch(Struct, frozen=True, forbid_unknown_fields=True):
    """What is not named stays as it is. `agent` null: anyone. `due_at` in RFC 3339 with its zone."""

    due_at: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET
    agent: AgentId | UnsetType | None = UNSET
    memo: Annotated[str, Meta(max_length=2000)] | UnsetType = UNSET
    state: RedialState | UnsetType = UNSET


async def shown(visit: Visit, asked: RedialsQuery) -> list[Redial]:
    if visit.account.role == "agent":
        return await visit.ports.redials.due(visit.account.id)
    return await visit.ports.redials.open(asked.agent)


async def found(visit: Visit) -> Redial:
    """The one in the path, if this visitor may see it. Raises Problem `not-found`."""
    own = visit.account.id if visit.account.role == "agent" else None
    redial = await visit.ports.redials.find(visit.request.match_info["id"], own)
    if redial is None:
        raise Problem("not-found", "There is no such redial.")
    return redial


async def promise(visit: Visit, given: RedialNew) -> str:
    """Raises Problem `not-found`."""
    ports, agent = visit.ports, None if given.anyone else visit.account.id
    new = NewRedial(given.response_record, given.due_at, agent, given.memo)
    id = await promise_redial(ports.redials, ports.audit, visit.account, new, visit.origin)
    if id is None:
        raise Problem("not-found", "There is no such response record of yours.")
    return id


async def promised(visit: Visit) -> web.StreamResponse:
    return answers.json(RedialMade(await promise(visit, await answers.body(visit, RedialNew))), 201)


async def change(visit: Visit, given: RedialPatch) -> None:
    """Raises Problem `not-found`, and `Refused` as the service does."""
    seen = await found(visit)
    to = RedialChange(
        due_at=seen.due_at if given.due_at is UNSET else given.due_at,
        agent=seen.agent if given.agent is UNSET else given.agent,
        memo=seen.memo if given.memo is UNSET else given.memo,
        state=seen.state if given.state is UNSET else given.state,
    )
    ports = visit.ports
    await change_redial(ports.redials, ports.accounts, ports.audit, visit.account, seen, to, visit.origin)


async def call(visit: Visit) -> None:
    """Raises Problem `not-found`, and `Refused` as the service does."""
    ports, redial = visit.ports, await found(visit)
    await dial_redial(ports.engine, ports.redials, ports.audit, visit.account, redial, time.time(), visit.origin)


async def listed(visit: Visit) -> web.StreamResponse:
    return answers.json(await shown(visit, answers.query(visit, RedialsQuery)))


async def changed(visit: Visit) -> web.StreamResponse:
    await change(visit, await answers.body(visit, RedialPatch))
    redial = await visit.ports.redials.find(visit.request.match_info["id"])
    return answers.json(redial)


async def dialed(visit: Visit) -> web.StreamResponse:
    await call(visit)
    return answers.no_content()


REDIALS = "/api/v1/redials"
ROUTES = (
    Route(
        method="GET",
        path=REDIALS,
        handler=listed,
        roles=EVERYBODY,
        summary="Redials, the earliest first",
        query=RedialsQuery,
        returns=list[Redial],
    ),
    Route(
        method="POST",
        path=REDIALS,
        handler=promised,
        roles=EVERYBODY,
        summary="Promise a customer to call again",
        body=RedialNew,
        returns=RedialMade,
        status=201,
    ),
    Route(
        method="PATCH",
        path=REDIALS + "/{id}",
        handler=changed,
        roles=EVERYBODY,
        summary="Change a redial's time, agent, memo or state",
        body=RedialPatch,
        returns=Redial,
    ),
    Route(
        method="POST",
        path=REDIALS + "/{id}/dial",
        handler=dialed,
        roles=EVERYBODY,
        summary="Dial a redial: your terminal rings, then the customer is called",
        status=204,
    ),
)
