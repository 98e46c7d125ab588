"""Sessions: a random token in a cookie, its digest in the database; who a request is, and whether it was meant."""

import hmac
import secrets
from hashlib import sha256
from ipaddress import ip_address
from typing import Literal

from aiohttp import web

from pbx_bridge.ports.accounts import Account, Session

from .context import PORTS, SETTINGS, Visit, WebPorts
from .problems import Problem

CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf"


def digest(token: str) -> bytes:
    """What the database keeps of a token: 256 random bits need no salt."""
    return sha256(token.encode()).digest()


def cookie_name(request: web.Request) -> str:
    """`__Host-` binds the cookie to this host under https. Browsers share cookies between ports, so that without
    https the port is part of the name: two demos on one machine do not sign one another out."""
    if request.app[SETTINGS].secure:
        return "__Host-pbx-session"
    return f"pbx-session-{request.url.port or 80}"


async def visit(request: web.Request) -> Visit:
    """The visit of whoever sent this; nobody's when the token is missing, unknown or expired."""
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
    is_bearer = request.headers.get("Authorization", "").startswith("Bearer ")
    token = bearer if is_bearer else request.cookies.get(cookie_name(request), "")
    if not 20 <= len(token) <= 100:
        return Visit.nobody(request)
    token_hash = digest(token)
    session = await request.app[PORTS].sessions.find(token_hash)
    if session is None:
        return Visit.nobody(request)
    by: Literal["bearer", "cookie"] = "bearer" if is_bearer else "cookie"
    return Visit(request, request.app[PORTS], request.app[SETTINGS], session, token_hash, by)


def expected_origins(request: web.Request) -> tuple[str, ...]:
    settings = request.app[SETTINGS]
    if settings.origins:
        return settings.origins
    return (f"{'https' if settings.secure else 'http'}://{request.host}",)


def check_origin(visit: Visit, *, required: bool = False) -> None:
    """A browser names the page's origin with every unsafe request and every WebSocket; programs need not."""
    given = visit.request.headers.get("Origin")
    if given is None and not required:
        if visit.request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            raise Problem("foreign-origin", "Another site asked for this.")
        return
    if given not in expected_origins(visit.request):
        raise Problem("foreign-origin", "Another site asked for this.")


async def csrf_given(request: web.Request, *, form: bool) -> str:
    if not form:
        return request.headers.get(CSRF_HEADER, "")
    field = (await request.post()).get(CSRF_FIELD, "")
    return field if isinstance(field, str) else ""


def check_csrf(session: Session, given: str) -> None:
    if not hmac.compare_digest(session.csrf.encode(), given.encode()):
        raise Problem("csrf", "The page is too old. Load it again and repeat.")


async def prove(ports: WebPorts, login: str, password: str, origin: str) -> Account:
    """The account these credentials belong to. Raises Problem `locked` or `wrong-credentials`; both look alike for
    a login that does not exist."""
    login = login.strip().lower()
    wait = await ports.lockouts.locked_seconds("web", login, origin)
    if wait > 0:
        raise Problem("locked", "Too many wrong tries. Wait a while.", retry_after=wait)
    secret = await ports.accounts.by_login(login)
    right = await ports.prover.verify(secret.hash if secret else None, password)
    if secret is None or not right:
        await ports.lockouts.failed("web", login, origin, secret.account.id if secret else None)
        raise Problem("wrong-credentials", "The e-mail address or the password is wrong.")
    await ports.lockouts.succeeded("web", login, origin, secret.account.id)
    return secret.account


async def open_session(visit: Visit, account: Account) -> tuple[str, str]:
    """A new token at every sign-in (nothing to fix beforehand) and its CSRF token. An older session ends."""
    if visit.token_hash is not None:
        await visit.ports.sessions.close(visit.token_hash)
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    await visit.ports.sessions.open(account.id, digest(token), csrf, visit.origin, visit.settings.idle_seconds)
    return token, csrf


def set_cookie(visit: Visit, response: web.StreamResponse, token: str) -> None:
    response.set_cookie(
        cookie_name(visit.request), token, path="/", httponly=True, secure=visit.settings.secure, samesite="Lax"
    )


def clear_cookie(visit: Visit, response: web.StreamResponse) -> None:
    response.del_cookie(cookie_name(visit.request), path="/", httponly=True, secure=visit.settings.secure)


def is_local(request: web.Request) -> bool:
    """From this machine itself, and not through a proxy on it."""
    try:
        return ip_address(request.remote or "").is_loopback and "X-Forwarded-For" not in request.headers
    except ValueError:
        return False
