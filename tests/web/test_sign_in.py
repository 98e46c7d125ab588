"""Signing in: sessions, cookies, lockout, expiry."""

from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import CookieJar
from aiohttp.test_utils import TestClient, TestServer

from web.app import build
from web.auth import digest
from web.context import WebPorts, WebSettings

from .conftest import Client, Enter
from .sample import PASSWORD
from .twins.people import LockoutsTwin, SessionsTwin

GOOD = {"login": "agent01@example.jp", "password": PASSWORD}


async def test_each_sign_in_makes_a_new_token_and_ends_the_old_session(enter: Enter, twins: WebPorts) -> None:
    assert isinstance(twins.sessions, SessionsTwin)
    visitor = await enter("agent")
    before = set(twins.sessions.open_ones)
    await visitor.client.post("/api/v1/session", json=GOOD)
    after = set(twins.sessions.open_ones)
    assert len(before) == len(after) == 1
    assert before != after


async def test_the_database_holds_a_digest_and_the_cookie_is_out_of_reach_of_scripts(
    enter: Enter, twins: WebPorts
) -> None:
    visitor = await enter(None)
    answer = await visitor.client.post("/api/v1/session", json=GOOD)
    cookie = next(iter(answer.cookies.values()))
    assert cookie.key.startswith("pbx-session-")
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert isinstance(twins.sessions, SessionsTwin)
    assert set(twins.sessions.open_ones) == {digest(cookie.value)}
    assert "token" not in await answer.json()


async def test_under_https_the_cookie_is_bound_to_the_host(twins: WebPorts) -> None:
    server = TestServer(build(twins, WebSettings(secure=True)))
    async with server:
        client: Client = TestClient(server, cookie_jar=CookieJar(unsafe=True))
        answer = await client.post("/api/v1/session", json=GOOD)
        cookie = answer.cookies["__Host-pbx-session"]
        assert cookie["secure"]
        assert cookie["path"] == "/"
        assert not cookie["domain"]
        assert answer.headers["Strict-Transport-Security"]
        await client.close()


@pytest.mark.parametrize("login", ["agent01@example.jp", "nobody@example.jp"])
async def test_wrong_tries_look_alike_and_lock(login: str, enter: Enter, twins: WebPorts) -> None:
    visitor = await enter(None)
    for _ in range(5):
        answer = await visitor.client.post("/api/v1/session", json={"login": login.upper(), "password": "wrong"})
        assert (answer.status, (await answer.json())["type"]) == (401, "urn:pbx-bridge:problem:wrong-credentials")
    answer = await visitor.client.post("/api/v1/session", json={"login": login, "password": PASSWORD})
    assert (answer.status, (await answer.json())["type"]) == (429, "urn:pbx-bridge:problem:locked")
    assert int(answer.headers["Retry-After"]) == 60
    assert isinstance(twins.lockouts, LockoutsTwin)
    assert twins.lockouts.wins == []


async def test_signing_out_ends_it_everywhere(enter: Enter) -> None:
    visitor = await enter("agent")
    answer = await visitor.client.delete("/api/v1/session", headers=visitor.headers)
    assert answer.status == 204
    assert (await visitor.client.get("/api/v1/me")).status == 401


async def test_an_expired_session_is_nobody(enter: Enter, twins: WebPorts) -> None:
    visitor = await enter("agent")
    assert isinstance(twins.sessions, SessionsTwin)
    for token, (account, csrf, idle, _) in twins.sessions.open_ones.items():
        twins.sessions.open_ones[token] = (account, csrf, idle, datetime.now(UTC) - timedelta(seconds=1))
    assert (await visitor.client.get("/api/v1/me")).status == 401


async def test_a_bearer_token_needs_no_cookie_and_no_csrf(enter: Enter) -> None:
    visitor = await enter(None)
    answer = await visitor.client.post("/api/v1/session", json={**GOOD, "use": "bearer"})
    assert not answer.cookies
    headers = {"Authorization": "Bearer " + (await answer.json())["token"]}
    changed = await visitor.client.put("/api/v1/me/status", json={"status": "break"}, headers=headers)
    assert (changed.status, (await changed.json())["status"]) == (200, "break")


async def test_the_form_says_what_is_wrong_and_keeps_the_login(enter: Enter) -> None:
    visitor = await enter(None)
    form = {"login": "agent01@example.jp", "password": "wrong", "next": "/calls"}
    answer = await visitor.client.post("/sign-in", data=form, headers={"Accept-Language": "ja"})
    text = await answer.text()
    assert answer.status == 401
    assert "メールアドレスまたはパスワードが違います" in text
    assert 'value="agent01@example.jp"' in text
    assert "wrong" not in text.replace('id="wrong"', "").replace('aria-describedby="wrong"', "")


async def test_the_form_signs_in_and_goes_on(enter: Enter) -> None:
    visitor = await enter(None)
    form = {"login": " Agent01@example.jp ", "password": PASSWORD, "next": "/calls?result=answered"}
    answer = await visitor.client.post("/sign-in", data=form, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/calls?result=answered")
    assert (await visitor.client.get("/calls")).status == 200


async def test_a_language_chosen_before_signing_in_stays_with_the_person(enter: Enter) -> None:
    for language in ("en", "ja"):
        visitor = await enter(None)
        await visitor.client.post("/language", data={"language": language, "next": "/sign-in"})
        form = {**GOOD, "next": "/me"}
        page = await (await visitor.client.post("/sign-in", data=form)).text()
        assert f'<html lang="{language}"' in page
