"""Signing in and out, and whose session this is."""

from datetime import datetime
from typing import Literal

from aiohttp import web
from msgspec import Struct

from pbx_bridge.ports.accounts import Account
from web import answers, auth
from web.access import ANYONE, EVERYBODY, Route
from web.context import Visit
from web.live import FEED


class Credentials(Struct, frozen=True, forbid_unknown_fields=True):
    """`use` `bearer`: no cookie is set, the token is in the answer, once."""

    login: str
    password: str
    use: Literal["cookie", "bearer"] = "cookie"


class SessionView(Struct, frozen=True, omit_defaults=True):
    """`csrf` goes into the header X-CSRF-Token of every unsafe request made with the cookie."""

    account: Account
    csrf: str
    idle_seconds: float
    token: str | None = None
    expires_at: datetime | None = None


async def sign_in(visit: Visit) -> web.StreamResponse:
    given = await answers.body(visit, Credentials)
    account = await auth.prove(visit.ports, given.login, given.password, visit.origin)
    token, csrf = await auth.open_session(visit, account)
    idle = visit.settings.idle_seconds
    if given.use == "bearer":
        return answers.json(SessionView(account, csrf, idle, token), 201)
    response = answers.json(SessionView(account, csrf, idle), 201)
    auth.set_cookie(visit, response, token)
    return response


async def show(visit: Visit) -> web.StreamResponse:
    assert visit.session is not None
    session = visit.session
    return answers.json(
        SessionView(session.account, session.csrf, visit.settings.idle_seconds, expires_at=session.expires_at)
    )


async def end(visit: Visit) -> None:
    """Closes the session and every live page it has open."""
    if visit.token_hash is not None:
        await visit.ports.sessions.close(visit.token_hash)
        visit.request.app[FEED].end_session(visit.token_hash)
        await visit.ports.audit.note(visit.account.id, "web.sign_out", visit.account.login, {}, visit.origin)


async def sign_out(visit: Visit) -> web.StreamResponse:
    await end(visit)
    response = answers.no_content()
    auth.clear_cookie(visit, response)
    return response


PATH = "/api/v1/session"
ROUTES = (
    Route(
        method="POST",
        path=PATH,
        handler=sign_in,
        roles=ANYONE,
        summary="Sign in",
        body=Credentials,
        returns=SessionView,
        status=201,
    ),
    Route(method="GET", path=PATH, handler=show, roles=EVERYBODY, summary="This session", returns=SessionView),
    Route(method="DELETE", path=PATH, handler=sign_out, roles=EVERYBODY, summary="Sign out", status=204),
)
