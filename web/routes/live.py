"""The live state: as lists, as a socket, and what a supervisor may do to it."""

import asyncio
import contextlib
import time

from aiohttp import WSMsgType, web

from pbx_bridge.core.commands import HangUpChannel
from pbx_bridge.core.directory import Status
from pbx_bridge.core.ids import AgentId, ChannelId
from web import answers, auth, statuses, views
from web.access import EVERYBODY, SUPERVISORS, Route
from web.context import Visit
from web.live import FEED, SESSION_ENDED, Watcher
from web.problems import Problem
from web.routes.me import StatusChange


async def agents(visit: Visit) -> web.StreamResponse:
    return answers.json([views.agent(row) for row in visit.ports.engine.snapshot().agents])


async def centers(visit: Visit) -> web.StreamResponse:
    return answers.json([views.center(row) for row in visit.ports.engine.snapshot().centers])


async def channels(visit: Visit) -> web.StreamResponse:
    return answers.json([views.call(row) for row in visit.ports.engine.snapshot().calls])


async def list_statuses(visit: Visit) -> web.StreamResponse:
    return answers.json(visit.settings.statuses)


async def set_agent_status(visit: Visit) -> web.StreamResponse:
    given = await answers.body(visit, StatusChange)
    id = answers.id_in_path(visit, AgentId)
    await statuses.change(visit, id, given.status, "supervisor")
    await visit.ports.audit.note(visit.account.id, "agent.status", str(id), {"status": given.status}, visit.origin)
    row = statuses.row_of(visit, id)
    return answers.json(views.agent(row) if row else None)


async def hang_up(visit: Visit) -> web.StreamResponse:
    id = visit.request.match_info["id"]
    if not any(row.channel == id for row in visit.ports.engine.snapshot().calls):
        raise Problem("unknown-call", id)
    await visit.ports.engine.submit(HangUpChannel(ChannelId(id)))
    await visit.ports.audit.note(visit.account.id, "channel.hang_up", id, {}, visit.origin)
    return answers.no_content()


async def live(visit: Visit) -> web.StreamResponse:
    """GET with an upgrade. Nothing is expected from the browser; what it sends is thrown away."""
    if visit.by == "cookie":
        auth.check_origin(visit, required=True)
    socket = web.WebSocketResponse(compress=False, max_msg_size=1024, heartbeat=20.0)
    if not socket.can_prepare(visit.request).ok:
        raise Problem("upgrade-required", "This is a WebSocket.")
    await socket.prepare(visit.request)
    transport = visit.request.transport
    assert visit.token_hash is not None
    if transport is None:  # gone while we were shaking hands
        return socket
    watcher = visit.request.app[FEED].join(transport, visit.account, visit.token_hash)
    guard = asyncio.create_task(_until_over(visit, watcher, socket), name="live session guard")
    try:
        async for message in socket:
            if message.type in (WSMsgType.ERROR, WSMsgType.CLOSE):
                break
    finally:
        visit.request.app[FEED].leave(watcher)
        guard.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await guard
    return socket


async def _until_over(visit: Visit, watcher: Watcher, socket: web.WebSocketResponse) -> None:
    """A live page does not keep a session alive: when it has expired, or its person has signed out, the socket ends.
    At the believed end the database is asked once more, because other requests may have moved it."""
    session = visit.session
    while session is not None:
        left = session.expires_at.timestamp() - time.time()
        try:
            await asyncio.wait_for(watcher.over.wait(), max(0.0, left) + 0.5)
            break
        except TimeoutError:
            session = await visit.ports.sessions.find(watcher.token_hash)
    await socket.close(code=SESSION_ENDED, message=b"session ended")


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/agents",
        handler=agents,
        roles=SUPERVISORS,
        summary="Agents now",
        returns=list[views.AgentView],
    ),
    Route(
        method="PUT",
        path="/api/v1/agents/{id}/status",
        handler=set_agent_status,
        roles=SUPERVISORS,
        summary="Set an agent's status, or sign them out (logged_off)",
        body=StatusChange,
        returns=views.AgentView,
    ),
    Route(
        method="GET",
        path="/api/v1/centers",
        handler=centers,
        roles=SUPERVISORS,
        summary="Centers now",
        returns=list[views.CenterView],
    ),
    Route(
        method="GET",
        path="/api/v1/channels",
        handler=channels,
        roles=SUPERVISORS,
        summary="Calls now",
        returns=list[views.LiveCallView],
    ),
    Route(
        method="DELETE",
        path="/api/v1/channels/{id}",
        handler=hang_up,
        roles=SUPERVISORS,
        summary="End a live call",
        status=204,
    ),
    Route(
        method="GET",
        path="/api/v1/statuses",
        handler=list_statuses,
        roles=EVERYBODY,
        summary="The statuses a person may choose",
        returns=list[Status],
    ),
    Route(
        method="GET",
        path="/api/v1/live",
        handler=live,
        roles=EVERYBODY,
        summary="WebSocket: a snapshot, then every change; data_age_ms once a second. Agents see their own row",
        returns=views.LiveView | views.DeltaView | views.HeartbeatView,
        status=101,
    ),
)
