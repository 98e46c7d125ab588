"""Language, theme and palette: remembered in the account or in a cookie.

A language chosen before signing in waits in a cookie for whoever signs in, and is theirs from then on.
"""

from aiohttp import web

from web.access import ANYONE, EVERYBODY, Route
from web.context import Visit
from web.pages.frame import (
    LANGUAGE_COOKIE,
    PALETTE_COOKIE,
    PALETTES,
    THEME_COOKIE,
    THEMES,
    field,
    local_path,
    see_other,
)
from web.words import LANGUAGES

YEAR_SECONDS = 365 * 86_400


async def language(visit: Visit) -> web.StreamResponse:
    chosen = await field(visit, "language")
    response = see_other(local_path(await field(visit, "next")))
    for known in LANGUAGES:
        if chosen == known:
            if visit.session is None:
                _remember(visit, response, LANGUAGE_COOKIE, known)
            else:
                await visit.ports.accounts.update(visit.account.id, name=None, language=known, seat=None)
    return response


async def look(visit: Visit) -> web.StreamResponse:
    response = see_other(local_path(await field(visit, "next")))
    theme, palette = await field(visit, "theme"), await field(visit, "palette")
    if theme in THEMES:
        _remember(visit, response, THEME_COOKIE, theme)
    if palette in PALETTES:
        _remember(visit, response, PALETTE_COOKIE, palette)
    return response


def _remember(visit: Visit, response: web.Response, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=YEAR_SECONDS, path="/", httponly=True, samesite="Lax", secure=visit.settings.secure
    )


ROUTES = (
    Route(method="POST", path="/language", handler=language, roles=ANYONE, summary="Change language", form=True),
    Route(method="POST", path="/look", handler=look, roles=EVERYBODY, summary="Change theme and palette", form=True),
)
