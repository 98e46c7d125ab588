"""The door of the room: `build` makes the aiohttp application out of ports and settings."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from aiohttp import web
from aiohttp.typedefs import Handler

from pbx_bridge.core.errors import Refused, Unreachable
from pbx_bridge.ports.history import BadCursor

from . import assets, pages
from .access import Route, mount
from .assets import ASSETS, Assets
from .context import PORTS, SETTINGS, WebPorts, WebSettings
from .headers import harden
from .live import FEED, LiveFeed
from .openapi import ROUTES
from .pages.frame import ENVIRONMENT, environment, problem_page
from .problems import FieldError, Problem, ProblemId, problem_response
from .routes import (
    callbacks,
    calls,
    campaigns,
    centers,
    exports,
    histories,
    icon,
    live,
    marks,
    me,
    operations,
    recordings,
    redials,
    session,
)
from .words import Words, preferred

log = logging.getLogger("web")

MAX_BODY = 16 * 1024 * 1024
"""Bytes: a customer list of 200,000 lines fits."""

ALL: tuple[Route, ...] = (
    *operations.ROUTES,
    *assets.ROUTES,
    *session.ROUTES,
    *me.ROUTES,
    *icon.ROUTES,
    *live.ROUTES,
    *calls.ROUTES,
    *recordings.ROUTES,
    *marks.ROUTES,
    *exports.ROUTES,
    *histories.ROUTES,
    *campaigns.ROUTES,
    *redials.ROUTES,
    *callbacks.ROUTES,
    *centers.ROUTES,
    *pages.ROUTES,
)
"""Every path there is, with who may walk it."""


def build(ports: WebPorts, settings: WebSettings) -> web.Application:
    """The web, ready for `door.listening`. Raises Misconfigured when the browser parts were not built."""
    app = web.Application(middlewares=[_problems], client_max_size=MAX_BODY)
    app[PORTS], app[SETTINGS], app[ROUTES] = ports, settings, ALL
    app[ASSETS] = Assets(settings.static)
    app[ENVIRONMENT] = environment(app[ASSETS])
    app[FEED] = LiveFeed(ports, settings)
    mount(app, ALL)
    app.on_response_prepare.append(harden)
    app.cleanup_ctx.append(_feed)
    return app


async def _feed(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(app[FEED].run(), name="live feed")
    yield
    app[FEED].close()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


_HTTP: dict[int, ProblemId] = {
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "unsupported-media-type",
}


@web.middleware
async def _problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every failure becomes a problem: JSON for programs, a page for people."""
    allow = ""
    try:
        if "\0" in request.path:  # PostgreSQL keeps no such text: nothing of ours has it in its name
            raise Problem("not-found")
        return await handler(request)
    except Problem as problem:
        found = problem
    except BadCursor:
        found = Problem("invalid", errors=(FieldError("cursor", "unknown"),))
    except Refused as refused:
        found = Problem.of(refused)
    except Unreachable as away:
        found = Problem("unreachable", str(away), retry_after=2.0)
    except web.HTTPException as http:
        if http.status < 400:
            raise
        found = Problem(_HTTP.get(http.status, "invalid"))
        allow = http.headers.get("Allow", "")
    except (asyncio.CancelledError, ConnectionResetError):
        raise
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        found = Problem("internal", "Something is wrong on our side; the log knows more.")
    if request.path.startswith(("/api/", "/static/")) or "text/html" not in request.headers.get("Accept", ""):
        response: web.StreamResponse = problem_response(found, _words(request))
    else:
        response = problem_page(request, found)
    if allow:
        response.headers["Allow"] = allow
    return response


def _words(request: web.Request) -> Words:
    """Programs that ask for no language get English."""
    return Words(preferred(request.headers.get("Accept-Language", ""), "en"))
