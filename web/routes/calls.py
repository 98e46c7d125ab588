"""Center history: calls, their stories, recordings and waveforms. An agent meets the own calls only."""

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from pbx_bridge.core.facts import CallResult, Direction
from pbx_bridge.core.ids import AgentId, CallId, CenterId
from pbx_bridge.ports.history import CallFilter, CallRecord, CallStory, Page
from web import answers
from web.access import EVERYBODY, Route
from web.context import Visit
from web.periods import PeriodQuery, period
from web.problems import Problem

Number = Annotated[str, Meta(max_length=20, pattern=r"^[+0-9*#]*$")]

Share = Annotated[float, Meta(ge=0.0, le=1.0)]


class CallsQuery(PeriodQuery, frozen=True, kw_only=True):
    agent: AgentId | None = None
    center: CenterId | None = None
    number: Number = ""
    direction: Direction | None = None
    result: CallResult | None = None
    min_seconds: float | None = None
    min_talk_share: Share | None = None
    max_silence_share: Share | None = None


class CallPatch(Struct, frozen=True, forbid_unknown_fields=True):
    memo: Annotated[str, Meta(max_length=2000)]


def filter_of(visit: Visit, asked: CallsQuery) -> CallFilter:
    """The filter asked for, narrowed to what the role may see."""
    since, until = period(asked, visit.settings.zone)
    own = visit.account.role == "agent"
    agent = visit.account.id if own else asked.agent
    return CallFilter(
        since=since,
        until=until,
        agent=agent,
        center=asked.center,
        number=asked.number,
        direction=asked.direction,
        result=asked.result,
        min_seconds=asked.min_seconds,
        min_talk_share=asked.min_talk_share,
        max_silence_share=asked.max_silence_share,
    )


async def story_of(visit: Visit) -> CallStory:
    """Raises Problem `unknown-call`, also for calls that the role must not know of."""
    id = visit.request.match_info["id"]
    known = len(id) == 12 and id.isascii() and id.isalnum()
    story = await visit.ports.histories.call(CallId(id)) if known else None
    if story is None or (visit.account.role == "agent" and not story.belongs_to(visit.account.id)):
        raise Problem("unknown-call", "There is no such call.")
    return story


async def calls(visit: Visit) -> web.StreamResponse:
    asked = answers.query(visit, CallsQuery)
    where = filter_of(visit, asked)
    if answers.wants_csv(visit):
        return await calls_csv(visit, where)
    return answers.json(await visit.ports.histories.calls(where, asked.cursor, asked.limit))


async def calls_csv(visit: Visit, where: CallFilter) -> web.StreamResponse:
    histories = visit.ports.histories
    return await answers.csv_stream(visit, "calls", CallRecord, lambda cursor: histories.calls(where, cursor, 500))


async def call(visit: Visit) -> web.StreamResponse:
    return answers.json(await story_of(visit))


async def change_call(visit: Visit) -> web.StreamResponse:
    given = await answers.body(visit, CallPatch)
    story = await story_of(visit)
    await visit.ports.histories.set_memo(story.call.id, given.memo)
    return answers.no_content()


CALL = "/api/v1/calls/{id}"
ROUTES = (
    Route(
        method="GET",
        path="/api/v1/calls",
        handler=calls,
        roles=EVERYBODY,
        summary="Center history, newest first",
        query=CallsQuery,
        returns=Page[CallRecord],
        media=("application/json", "text/csv"),
    ),
    Route(method="GET", path=CALL, handler=call, roles=EVERYBODY, summary="A call's story", returns=CallStory),
    Route(
        method="PATCH",
        path=CALL,
        handler=change_call,
        roles=EVERYBODY,
        summary="Change a call's memo",
        body=CallPatch,
        status=204,
    ),
)
