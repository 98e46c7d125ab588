"""The live socket: a snapshot, every change after it, an honest age, and no waiting for the slow."""

import asyncio
import json
import socket
from typing import Any

import pytest
import uvloop
from aiohttp import ClientWebSocketResponse, CookieJar, WSMsgType, WSServerHandshakeError
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pbx_bridge.core.board import AgentRow, NodeRow
from web.app import build
from web.context import WebPorts, WebSettings
from web.frames import text_frame
from web.live import FEED, SESSION_ENDED

from .conftest import LOGINS, Client, Enter, Visitor
from .sample import PASSWORD, ports
from .twins.live import AlarmsTwin, engine_of
from .twins.people import SessionsTwin

DEADLINE = 5.0


async def watch(visitor: Visitor, origin: str | None = None) -> ClientWebSocketResponse:
    own = origin or str(visitor.client.make_url("/")).rstrip("/")
    return await visitor.client.ws_connect("/api/v1/live", origin=own)


async def heard(page: ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(DEADLINE):
        while True:
            message = await page.receive_json()
            if message["type"] == kind:
                return dict(message)


async def test_alarms_reach_those_who_can_mend(enter: Enter, twins: WebPorts) -> None:
    supervisor, agent = await watch(await enter("supervisor")), await watch(await enter("agent"))
    assert isinstance(twins.alarms, AlarmsTwin)
    assert "alarms" not in await heard(supervisor, "heartbeat")
    twins.alarms.now = ["recording-space"]
    async with asyncio.timeout(DEADLINE):
        while (await heard(supervisor, "heartbeat")).get("alarms") != ["recording-space"]:
            pass
    assert "alarms" not in await heard(agent, "heartbeat")
    ready = await (await (await enter(None)).client.get("/readyz")).json()
    assert (ready["ready"], ready["alarms"]) == (True, ["recording-space"])


async def test_a_newcomer_gets_everything_and_then_each_change(enter: Enter, twins: WebPorts) -> None:
    engine, page = engine_of(twins), await watch(await enter("supervisor"))
    first = await heard(page, "snapshot")
    assert (len(first["agents"]), len(first["centers"]), len(first["jobs"])) == (20, 3, 2)
    assert first["data_age_ms"] == 120
    assert first["agents"][0]["since"].endswith("Z")
    for status in ("break", "away", "available"):
        row = engine.rows["agent", "3"]
        assert isinstance(row, AgentRow)
        engine.change("agent", replace(row, condition="paused", status=status))
    deltas = [await heard(page, "delta") for _ in range(3)]
    assert [delta["seq"] for delta in deltas] == [first["seq"] + 1, first["seq"] + 2, first["seq"] + 3]
    assert [delta["row"]["status"] for delta in deltas] == ["break", "away", "available"]
    await page.close()


async def test_an_agent_sees_the_own_row_only(enter: Enter, twins: WebPorts) -> None:
    engine, page = engine_of(twins), await watch(await enter("agent"))
    first = await heard(page, "snapshot")
    assert [row["id"] for row in first["agents"]] == ["1"]
    assert first["centers"] == first["calls"] == first["jobs"] == []
    for id in ("2", "1"):
        row = engine.rows["agent", id]
        assert isinstance(row, AgentRow)
        engine.change("agent", replace(row, reason="seen"))
    engine.change("center", engine.rows["center", "1"])
    assert (await heard(page, "delta"))["row"]["id"] == "1"
    await page.close()


async def test_the_age_of_the_data_is_told_again_and_again(enter: Enter, twins: WebPorts) -> None:
    engine, page = engine_of(twins), await watch(await enter("supervisor"))
    engine.age_ms = 7400
    for _ in range(2):
        assert (await heard(page, "heartbeat"))["data_age_ms"] == 7400
    await page.close()


async def test_a_feed_that_fell_behind_starts_again_from_a_snapshot(enter: Enter, twins: WebPorts) -> None:
    engine, page = engine_of(twins), await watch(await enter("supervisor"))
    await heard(page, "snapshot")
    engine.cut_readers()
    again = await heard(page, "snapshot")
    engine.change("node", engine.rows["node", "a"])
    assert (await heard(page, "delta"))["seq"] == again["seq"] + 1
    await page.close()


async def test_signing_out_ends_the_live_page_and_says_why(enter: Enter) -> None:
    visitor = await enter("supervisor")
    page = await watch(visitor)
    await visitor.client.delete("/api/v1/session", headers=visitor.headers)
    async with asyncio.timeout(DEADLINE):
        while (await page.receive()).type is WSMsgType.TEXT:
            pass
    assert page.close_code == SESSION_ENDED


async def test_watching_does_not_keep_a_session_alive(enter: Enter, twins: WebPorts) -> None:
    visitor = await enter("supervisor")
    assert isinstance(twins.sessions, SessionsTwin)
    for token, (account, csrf, _, until) in twins.sessions.open_ones.items():
        twins.sessions.open_ones[token] = (account, csrf, 0.3, until)
    page = await watch(visitor)
    async with asyncio.timeout(DEADLINE):
        while (await page.receive()).type is WSMsgType.TEXT:
            pass
    assert page.close_code == SESSION_ENDED


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_another_site_may_not_watch(origin: str, enter: Enter) -> None:
    visitor = await enter("supervisor")
    with pytest.raises(WSServerHandshakeError) as refused:
        await watch(visitor, origin)
    assert refused.value.status == 403


async def test_no_origin_is_no_browser_and_a_stranger_is_nobody(enter: Enter) -> None:
    for role, status in (("supervisor", 403), (None, 401)):
        visitor = await enter(role)
        with pytest.raises(WSServerHandshakeError) as refused:
            await visitor.client.ws_connect("/api/v1/live")
        assert refused.value.status == status


async def test_without_an_upgrade_it_says_what_it_is(enter: Enter) -> None:
    visitor = await enter("supervisor")
    own = str(visitor.client.make_url("/")).rstrip("/")
    answer = await visitor.client.get("/api/v1/live", headers={"Origin": own})
    assert (answer.status, (await answer.json())["type"]) == (426, "urn:pbx-bridge:problem:upgrade-required")


async def test_a_slow_page_is_cut_off_and_the_others_go_on(enter: Enter, twins: WebPorts, server: TestServer) -> None:
    engine = engine_of(twins)
    supervisor = await enter("supervisor")
    cookies = supervisor.client.session.cookie_jar.filter_cookies(supervisor.client.make_url("/"))
    slow = _deaf_socket(server, "; ".join(f"{name}={cookie.value}" for name, cookie in cookies.items()))
    quick = await watch(supervisor)
    await heard(quick, "snapshot")
    feed = server.app[FEED]
    async with asyncio.timeout(DEADLINE):
        while len(feed) < 2:
            await asyncio.sleep(0.01)
    row = engine.rows["agent", "3"]
    assert isinstance(row, AgentRow)
    bulky = replace(row, reason="x" * 60_000)
    async with asyncio.timeout(20):
        while feed.dropped == 0:
            engine.change("agent", bulky)
            await heard(quick, "delta")
    assert len(feed) == 1
    slow.close()
    await quick.close()


def _deaf_socket(server: TestServer, cookie: str) -> socket.socket:
    """Shakes hands and never reads again."""
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.connect((server.host, server.port))
    lines = (
        "GET /api/v1/live HTTP/1.1",
        f"Host: {server.host}:{server.port}",
        f"Origin: http://{server.host}:{server.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        f"Cookie: {cookie}",
    )
    deaf.sendall("\r\n".join((*lines, "", "")).encode())
    return deaf


@given(st.one_of(st.binary(max_size=300), st.integers(65_500, 65_600).map(bytes)))
def test_a_frame_says_its_own_length(payload: bytes) -> None:
    frame = text_frame(payload)
    short = frame[1]
    size, head = (
        (short, 2) if short < 126 else
        (int.from_bytes(frame[2:4], "big"), 4) if short == 126 else
        (int.from_bytes(frame[2:10], "big"), 10)
    )  # fmt: skip
    assert frame[0] == 0x81
    assert (size, frame[head:]) == (len(payload), payload)


async def test_the_page_carries_the_same_snapshot(enter: Enter) -> None:
    visitor = await enter("supervisor")
    text = await (await visitor.client.get("/monitor")).text()
    block = text.partition('<script type="application/json" class="snapshot">')[2].partition("</script>")[0]
    assert len(json.loads(block)["agents"]) == 20


def test_it_runs_on_uvloop_too() -> None:
    """The service's loop: its transports are not of asyncio's class."""

    async def scenario() -> tuple[str, int]:
        given = ports()
        client: Client = TestClient(TestServer(build(given, WebSettings())), cookie_jar=CookieJar(unsafe=True))
        await client.start_server()
        answer = await client.post("/api/v1/session", json={"login": LOGINS["supervisor"], "password": PASSWORD})
        page = await watch(Visitor(client, (await answer.json())["csrf"]))
        await heard(page, "snapshot")
        engine_of(given).change("node", NodeRow("a", False, 1.0, "gone"))
        delta = await heard(page, "delta")
        await page.close()
        await client.close()
        return delta["row"]["reason"], delta["seq"]

    assert uvloop.run(scenario()) == ("gone", 1)
