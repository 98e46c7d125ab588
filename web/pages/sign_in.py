"""Signing in and out."""

from datetime import UTC, datetime

from aiohttp import web

from pbx_bridge.ports.accounts import Account
from web import auth
from web.access import ANYONE, EVERYBODY, Route
from web.context import Visit
from web.pages.frame import LANGUAGE_COOKIE, field, local_path, render, see_other
from web.passwords import password_expires
from web.problems import Problem
from web.routes.session import end
from web.words import LANGUAGES


async def home(visit: Visit) -> web.StreamResponse:
    due = password_expires(visit) < datetime.now(UTC)
    return see_other("/me" if due or visit.account.role == "agent" else "/monitor")


async def show(visit: Visit) -> web.StreamResponse:
    if visit.session is not None:
        return see_other("/")
    return _page(visit, None, "")


def _page(visit: Visit, problem: Problem | None, login: str) -> web.Response:
    after = local_path(visit.request.query.get("next", "/"))
    return render(
        visit, "sign_in.html", problem.status if problem else 200, problem=problem, login=login, next_path=after
    )


async def sign_in(visit: Visit) -> web.StreamResponse:
    login, secret = await field(visit, "login"), (await visit.request.post()).get("password", "")
    try:
        account = await auth.prove(visit.ports, login, secret if isinstance(secret, str) else "", visit.origin)
    except Problem as problem:
        return _page(visit, problem, login)
    token, _ = await auth.open_session(visit, account)
    response = see_other(local_path(await field(visit, "next")))
    auth.set_cookie(visit, response, token)
    await _take_chosen_language(visit, response, account)
    return response


async def _take_chosen_language(visit: Visit, response: web.Response, account: Account) -> None:
    """What was chosen on the sign-in page holds, and only for the person who chose it there."""
    chosen = visit.request.cookies.get(LANGUAGE_COOKIE)
    for known in LANGUAGES:
        if chosen == known:
            response.del_cookie(LANGUAGE_COOKIE, path="/")
            if known != account.language:
                await visit.ports.accounts.update(account.id, name=None, language=known, seat=None)


async def sign_out(visit: Visit) -> web.StreamResponse:
    await end(visit)
    response = see_other("/sign-in")
    auth.clear_cookie(visit, response)
    return response


ROUTES = (
    Route(method="GET", path="/", handler=home, roles=EVERYBODY, summary="The page to begin with"),
    Route(method="GET", path="/sign-in", handler=show, roles=ANYONE, summary="Sign-in page"),
    Route(method="POST", path="/sign-in", handler=sign_in, roles=ANYONE, summary="Sign in", form=True),
    Route(method="POST", path="/sign-out", handler=sign_out, roles=EVERYBODY, summary="Sign out", form=True),
)
