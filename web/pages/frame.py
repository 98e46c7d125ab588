"""The frame around every page: rail, top line, words, look, and how values are written for the reader."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

import jinja2
from aiohttp import web
from markupsafe import Markup

from pbx_bridge.core.directory import Language
from pbx_bridge.ports.accounts import Role
from web import statuses, views, wire
from web.assets import Assets
from web.context import SETTINGS, Visit
from web.passwords import password_expires
from web.problems import Problem
from web.words import LANGUAGES, Words, preferred

ENVIRONMENT = web.AppKey("environment", jinja2.Environment)

LANGUAGE_COOKIE, THEME_COOKIE, PALETTE_COOKIE = "pbx-language", "pbx-theme", "pbx-palette"
OWN_PREFIX = "+81"
THEMES, PALETTES = ("auto", "light", "dark"), ("standard", "vicidial")

PLACES: tuple[tuple[str, str, str, tuple[Role, ...]], ...] = (
    ("monitor", "/monitor", "monitor", ("supervisor", "administrator")),
    ("calls", "/calls", "calls", ("agent", "supervisor", "administrator")),
    ("callbacks", "/callbacks", "callbacks", ("agent", "supervisor", "administrator")),
    ("centers", "/centers", "centers", ("supervisor", "administrator")),
    ("campaigns", "/campaigns", "campaigns", ("supervisor", "administrator")),
    ("records", "/records", "records", ("supervisor", "administrator")),
    ("audit", "/audit", "audit", ("administrator",)),
    ("me", "/me", "me", ("agent", "supervisor", "administrator")),
)
"""The rail: name, address, icon, and whom it is shown to."""


def environment(assets: Assets) -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent.parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["asset"] = assets.url
    made.filters["script_json"] = script_json
    made.filters["duration"] = duration
    made.filters["share"] = share
    made.filters["tel"] = telephone
    return made


def script_json(value: object) -> Markup:
    """JSON for a data block: no `<` may end the block early."""
    return Markup(wire.encode(value).decode().replace("<", "\\u003c"))  # noqa: S704 - escaped on this line


def duration(seconds: float | None) -> str:
    """`3:07`, `1:02:03`; nothing for None."""
    if seconds is None:
        return ""
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def telephone(number: str) -> str:
    """As people here write it: the country's own numbers without its prefix."""
    return "0" + number.removeprefix(OWN_PREFIX) if number.startswith(OWN_PREFIX) else number


def share(value: float | None, digits: int = 1) -> str:
    """One digit behind the point; two for drop rates, whose cap is a few percent (`numbers.ts` does the same)."""
    return "–" if value is None else f"{value:.{digits}%}"


def language_of(request: web.Request, visit: Visit | None) -> Language:
    if visit is not None and visit.session is not None:
        return visit.account.language
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    for language in LANGUAGES:
        if chosen == language:
            return language
    return preferred(request.headers.get("Accept-Language", ""), request.app[SETTINGS].language)


def _look(request: web.Request) -> dict[str, str]:
    theme, palette = request.cookies.get(THEME_COOKIE, "auto"), request.cookies.get(PALETTE_COOKIE, "standard")
    return {
        "theme": theme if theme in THEMES else "auto",
        "palette": palette if palette in PALETTES else "standard",
    }


def _password_expired(visit: Visit | None) -> bool:
    return visit is not None and password_expires(visit) < datetime.now(UTC)


class Times:
    """Moments in the center's zone, in the reader's order."""

    def __init__(self, zone: str, language: Language) -> None:
        self.zone = zone
        self._zone = ZoneInfo(zone)
        self._language = language

    def clock(self, at: datetime | None) -> str:
        return "" if at is None else at.astimezone(self._zone).strftime("%H:%M:%S")

    def day(self, at: datetime | None) -> str:
        if at is None:
            return ""
        return self.date(at.astimezone(self._zone).date())

    def date(self, day: date) -> str:
        if self._language == "ja":
            return f"{day.month}/{day.day}({'月火水木金土日'[day.weekday()]})"
        return day.strftime("%a %-d %b")

    def field(self, at: datetime) -> str:
        """As the value of a `datetime-local` field."""
        return at.astimezone(self._zone).strftime("%Y-%m-%dT%H:%M")

    def full(self, at: datetime | None) -> str:
        if at is None:
            return ""
        return at.astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S ") + self.zone


def context(request: web.Request, visit: Visit | None) -> dict[str, Any]:
    """What every template knows."""
    settings = request.app[SETTINGS]
    language = language_of(request, visit)
    words = Words(language)
    signed_in = visit is not None and visit.session is not None
    row = statuses.row_of(visit, visit.account.id) if visit is not None and signed_in else None
    return {
        "t": words,
        "language": language,
        "times": Times(settings.zone, language),
        "look": _look(request),
        "account": visit.account if visit is not None and signed_in else None,
        "csrf": visit.session.csrf if visit is not None and visit.session is not None else "",
        "me": views.agent(row) if row else None,
        "statuses": settings.statuses,
        "idle_seconds": int(settings.idle_seconds),
        "now": datetime.now(UTC),
        "here": str(request.rel_url),
        "path": request.path,
        "places": [place[:3] for place in PLACES if visit and signed_in and visit.account.role in place[3]],
        "password_expired": _password_expired(visit) if signed_in else False,
        "saved": request.query.get("saved", ""),
        "islands": words.for_scripts(),
    }


def render(visit: Visit, template: str, status: int = 200, **values: object) -> web.Response:
    page = visit.request.app[ENVIRONMENT].get_template(template)
    text = page.render(context(visit.request, visit) | values)
    return web.Response(status=status, text=text, content_type="text/html")


def problem_page(request: web.Request, problem: Problem) -> web.StreamResponse:
    """A visitor nobody knows is led to the sign-in page; everybody else reads what is wrong."""
    if problem.id == "not-signed-in-here":
        here = str(request.rel_url) if request.method == "GET" else "/"
        return web.Response(status=303, headers={"Location": "/sign-in?next=" + quote(here, safe="")})
    page = request.app[ENVIRONMENT].get_template("problem.html")
    text = page.render(context(request, None) | {"problem": problem})
    return web.Response(status=problem.status, text=text, content_type="text/html")


def local_path(text: str) -> str:
    """Where to go back to: a path of ours, never another site."""
    if text.startswith("/") and not text.startswith(("//", "/\\")) and "\n" not in text and "\r" not in text:
        return text
    return "/"


def see_other(path: str, **query: str) -> web.Response:
    """After a form: look at the result (and reloading does not send it twice)."""
    separator = "&" if "?" in path else "?"
    where = path + (separator + urlencode(query) if query else "")
    return web.Response(status=303, headers={"Location": where})


async def field(visit: Visit, name: str) -> str:
    """One text field of the form; empty when it was not sent."""
    value = (await visit.request.post()).get(name, "")
    return value.strip() if isinstance(value, str) else ""
