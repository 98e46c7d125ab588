"""The built browser parts, read once into memory: a name is found among them or nowhere, so no path can be walked."""

import gzip
import mimetypes
from hashlib import sha256
from pathlib import Path

from aiohttp import web
from msgspec import Struct

from pbx_bridge.core.errors import Misconfigured

from .access import ANYONE, Route
from .context import Visit
from .problems import Problem

TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


class Asset(Struct, frozen=True):
    body: bytes
    zipped: bytes
    media_type: str
    version: str


class Assets:
    """`names` as they lie in `web/static`."""

    def __init__(self, folder: Path) -> None:
        """Raises Misconfigured when the browser parts were not built."""
        files = [path for path in folder.glob("*") if path.suffix in TYPES] if folder.is_dir() else []
        if not files:
            raise Misconfigured(f"no browser parts in {folder}: run `make ui` first")
        self._assets = {path.name: _read(path) for path in files}

    def get(self, name: str) -> Asset | None:
        return self._assets.get(name)

    def url(self, name: str) -> str:
        """With the content's version, so that a browser may keep it for ever."""
        return f"/static/{name}?v={self._assets[name].version}"


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    media = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(body, gzip.compress(body, 9, mtime=0), media, sha256(body).hexdigest()[:12])


ASSETS = web.AppKey("assets", Assets)


async def serve(visit: Visit) -> web.StreamResponse:
    asset = visit.request.app[ASSETS].get(visit.request.match_info["name"])
    if asset is None:
        raise Problem("not-found", "There is no such file.")
    headers = {
        "Content-Type": f"{asset.media_type}; charset=utf-8",
        "Cache-Control": "public, max-age=31536000, immutable",
        "ETag": f'"{asset.version}"',
        "Vary": "Accept-Encoding",
    }
    if visit.request.headers.get("If-None-Match") == f'"{asset.version}"':
        return web.Response(status=304, headers=headers)
    if "gzip" in visit.request.headers.get("Accept-Encoding", ""):
        return web.Response(body=asset.zipped, headers=headers | {"Content-Encoding": "gzip"})
    return web.Response(body=asset.body, headers=headers)


ROUTES = (Route(method="GET", path="/static/{name}", handler=serve, roles=ANYONE, summary="Browser parts"),)
