"""What every answer tells the browser to refuse."""

from aiohttp import web

from .context import SETTINGS

NAME = "pbx-bridge"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

SAFE = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
}


async def harden(request: web.Request, response: web.StreamResponse) -> None:
    """A signal handler: also answers that a handler prepared itself (streams, sockets) carry these."""
    for name, value in SAFE.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = NAME
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    if request.app[SETTINGS].secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
