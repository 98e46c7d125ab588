"""The web's API with a bearer token, as a program would use it."""

from contextlib import AbstractAsyncContextManager
from typing import Any, Self

import aiohttp

from pbx_bridge.demo.world import Person


class Web:
    """`async with Web(base, person) as web: await web.put("me/status", {…})`."""

    def __init__(self, base: str, person: Person) -> None:
        self._base = f"{base}/api/v1"
        self._person = person

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(raise_for_status=False)
        await self._sign_in()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def _sign_in(self) -> None:
        credentials = {"login": self._person.login, "password": self._person.password, "use": "bearer"}
        async with self._session.post(f"{self._base}/session", json=credentials) as answer:
            assert answer.status == 201, await answer.text()
            token = (await answer.json())["token"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    async def send(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and decoded body (None for 204)."""
        async with self._session.request(method, f"{self._base}/{path}", json=body) as answer:
            if answer.content_type.endswith("json"):
                return answer.status, await answer.json(content_type=None)
            return answer.status, await answer.read() or None

    async def get(self, path: str) -> Any:
        """The body of what must exist."""
        status, body = await self.send("GET", path)
        assert status == 200, (path, status, body)
        return body

    def live(self) -> "AbstractAsyncContextManager[aiohttp.ClientWebSocketResponse]":
        """The live socket: a snapshot, then what changes."""
        return self._session.ws_connect(f"{self._base}/live")

    async def snapshot(self) -> dict[str, Any]:
        """The live board, as a browser gets it first."""
        async with self.live() as socket:
            found: dict[str, Any] = await socket.receive_json()
            return found
