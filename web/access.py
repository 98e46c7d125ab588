"""Default deny: a path exists only as a `Route` that says who may walk it, and nothing else reaches the router."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Literal

from aiohttp import web
from msgspec import Struct

from pbx_bridge.ports.accounts import Role

from . import auth
from .context import Handler, Visit
from .problems import Problem

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

ANYONE: frozenset[Role] = frozenset()
EVERYBODY: frozenset[Role] = frozenset({"agent", "supervisor", "administrator"})
SUPERVISORS: frozenset[Role] = frozenset({"supervisor", "administrator"})
ADMINISTRATORS: frozenset[Role] = frozenset({"administrator"})


class Route(Struct, frozen=True, kw_only=True):
    """One path and method. `roles` empty means anyone. The types describe the route in the OpenAPI document."""

    method: Method
    path: str
    handler: Handler
    roles: frozenset[Role]
    summary: str
    query: type[Struct] | None = None
    body: type | None = None
    returns: object = None
    status: int = 200
    media: tuple[str, ...] = ("application/json",)
    takes: tuple[str, ...] = ("application/json",)
    """Media types of the body; other than JSON it is bytes."""
    also: tuple[int, ...] = ()
    """Other statuses with an answer of the same kind: 206 part of it, 304 the one you have, 503 not ready."""
    form: bool = False
    """A page's form: the CSRF token travels in the body, and an unknown visitor is led to the sign-in page."""

    @property
    def answers_head(self) -> bool:
        """GET without the body. Not where a GET is a deed: hearing sound, fetching an export and opening a socket are
        audited or counted."""
        deed = self.status == 101 or self.media[0].startswith(("audio/", "application/zip"))
        return self.method == "GET" and not deed

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")


async def walk(route: Route, request: web.Request) -> web.StreamResponse:
    """Who is it, may they, did they mean it; only then the handler."""
    visit = await auth.visit(request)
    if route.roles:
        if visit.session is None:
            raise Problem("not-signed-in-here", "Sign in first.")
        if visit.session.account.role not in route.roles:
            raise Problem("forbidden", f"Not for the role {visit.session.account.role}.")
    if route.method != "GET":
        await _meant(route, visit)
    return await route.handler(visit)


async def _meant(route: Route, visit: Visit) -> None:
    auth.check_origin(visit)
    if route.roles and visit.by == "cookie" and visit.session is not None:
        auth.check_csrf(visit.session, await auth.csrf_given(visit.request, form=route.form))


def mount(app: web.Application, routes: Iterable[Route]) -> None:
    for route in routes:
        entry = _entry(route)
        app.router.add_route(route.method, route.path, entry)
        if route.answers_head:
            app.router.add_route("HEAD", route.path, entry)


def _entry(route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def enter(request: web.Request) -> web.StreamResponse:
        return await walk(route, request)

    return enter
