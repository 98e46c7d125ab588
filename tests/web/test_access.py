"""Who may walk which route, asked of every route; and whether an unsafe request was meant."""

import re

import pytest
from aiohttp.test_utils import TestServer

from web.access import Route
from web.app import ALL
from web.context import WebPorts

from .conftest import Enter
from .twins.live import EngineTwin

ROLES = ("agent", "supervisor", "administrator")
FILL = {"id": "1", "name": "app.js", "section": "agent", "kind": "cdr", "agent": "1", "mark": "1"}
PLACES = [(route, role) for route in ALL for role in (None, *ROLES)]


def filled(path: str) -> str:
    return re.sub(r"{(\w+)}", lambda match: FILL[match[1]], path)


@pytest.mark.parametrize(("route", "role"), PLACES, ids=[f"{r.method}-{r.path}-{role}" for r, role in PLACES])
async def test_every_route_lets_in_exactly_whom_it_names(route: Route, role: str | None, enter: Enter) -> None:
    """Denied is 401 for nobody and 403 for the wrong role; whatever else comes, somebody was let in."""
    if route.path == "/api/v1/live":
        return  # a socket: its own file
    visitor = await enter(role)
    # No CSRF token: whoever is let in by role stops there, so that the walk changes nothing.
    headers = {"Origin": "null"} if role and route.method != "GET" else {}
    answer = await visitor.client.request(route.method, filled(route.path), headers=headers, allow_redirects=False)
    problem = answer.headers.get("Content-Type", "").startswith("application/problem+json")
    kind = (await answer.json(content_type=None))["type"].rpartition(":")[2] if problem else ""
    if route.roles and role is None:
        assert (answer.status, kind) == (401, "not-signed-in-here")
    elif route.roles and role not in route.roles:
        assert (answer.status, kind) == (403, "forbidden")
    else:
        assert kind not in ("not-signed-in-here", "forbidden")


async def test_a_method_that_is_not_there_says_which_are(enter: Enter) -> None:
    visitor = await enter("administrator")
    answer = await visitor.client.delete("/api/v1/calls", headers=visitor.headers)
    assert (answer.status, answer.content_type) == (405, "application/problem+json")
    assert "GET" in answer.headers["Allow"]


HEADS = [route for route in ALL if route.answers_head]


@pytest.mark.parametrize("route", HEADS, ids=[route.path for route in HEADS])
async def test_head_says_what_get_would(route: Route, enter: Enter) -> None:
    visitor = await enter("administrator")
    heads = []
    for method in ("GET", "HEAD"):
        answer = await visitor.client.request(method, filled(route.path), allow_redirects=False)
        body = await answer.read()
        heads.append((answer.status, answer.content_type, answer.headers.get("Cache-Control")))
    assert body == b""
    assert heads[0] == heads[1]


async def test_a_recording_is_heard_and_not_asked_about(enter: Enter) -> None:
    visitor = await enter("administrator")
    answer = await visitor.client.head(filled("/api/v1/calls/{id}/recording"))
    assert answer.status == 405


async def test_only_declared_routes_exist(server: TestServer) -> None:
    declared = {(route.method, route.path) for route in ALL}
    mounted = {
        (route.method, route.resource.canonical)
        for route in server.app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    assert mounted == declared


@pytest.mark.parametrize("path", ["/", "/monitor", "/me", "/calls/0demo0call00?x=1"])
async def test_a_stranger_is_led_to_the_sign_in_page_and_back(path: str, enter: Enter) -> None:
    visitor = await enter(None)
    answer = await visitor.client.get(path, headers={"Accept": "text/html"}, allow_redirects=False)
    assert answer.status == 303
    assert answer.headers["Location"].startswith("/sign-in?next=%2F")


@pytest.mark.parametrize("token", ["", "wrong", "x" * 32])
async def test_an_unsafe_request_with_the_cookie_needs_the_token(token: str, enter: Enter, twins: WebPorts) -> None:
    visitor = await enter("agent")
    answer = await visitor.client.put(
        "/api/v1/me/status", json={"status": "break"}, headers={"X-CSRF-Token": token} if token else {}
    )
    assert (answer.status, (await answer.json())["type"]) == (403, "urn:pbx-bridge:problem:csrf")
    assert isinstance(twins.engine, EngineTwin)
    assert twins.engine.submitted == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", ""])
async def test_another_origin_is_refused_even_with_the_token(origin: str, enter: Enter) -> None:
    visitor = await enter("agent")
    answer = await visitor.client.put(
        "/api/v1/me/status", json={"status": "break"}, headers={**visitor.headers, "Origin": origin}
    )
    assert (answer.status, (await answer.json())["type"]) == (403, "urn:pbx-bridge:problem:foreign-origin")


async def test_a_cross_site_sign_in_is_refused(enter: Enter) -> None:
    visitor = await enter(None)
    answer = await visitor.client.post("/sign-in", data={"login": "a"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status == 403


async def test_a_form_carries_its_token_in_the_body(enter: Enter) -> None:
    visitor = await enter("agent")
    without = await visitor.client.post("/me/status", data={"status": "break"}, allow_redirects=False)
    assert without.status == 403
    form = {"status": "break", "csrf": visitor.csrf, "next": "/calls"}
    answer = await visitor.client.post("/me/status", data=form, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/calls")


@pytest.mark.parametrize("place", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1", ""])
async def test_a_form_leads_nowhere_else(place: str, enter: Enter) -> None:
    visitor = await enter("agent")
    form = {"status": "break", "csrf": visitor.csrf, "next": place}
    answer = await visitor.client.post("/me/status", data=form, allow_redirects=False)
    assert answer.headers["Location"] == "/"


async def test_every_answer_tells_the_browser_what_to_refuse(enter: Enter) -> None:
    visitor = await enter("supervisor")
    for path in ("/monitor", "/api/v1/agents", "/nowhere", "/static/app.js", "/api/v1/calls/0demo0call00/recording"):
        headers = (await visitor.client.get(path)).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"], path
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Server"] == "pbx-bridge"


async def test_pages_hold_no_inline_script_or_style(enter: Enter) -> None:
    visitor = await enter("supervisor")
    for path in ("/monitor", "/calls", "/calls/0demo0call00", "/campaigns", "/me"):
        text = await (await visitor.client.get(path)).text()
        scripts = re.findall(r"<script([^>]*)>", text)
        assert all("src=" in script or "application/json" in script for script in scripts), path
        assert not re.search(r"\sstyle=|<style|\son\w+=", text), path
