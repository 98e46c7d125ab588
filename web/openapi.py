"""The OpenAPI document, made from the routes themselves and the types they are declared with."""

import re
from functools import lru_cache

from aiohttp import web

from . import access, wire
from .auth import cookie_name
from .problems import ProblemBody
from .wire import Json

ROUTES = web.AppKey("routes", tuple[access.Route, ...])


def document(request: web.Request) -> Json:
    """As this server answers: the cookie's name depends on how it is reached."""
    return _document(request.app[ROUTES], cookie_name(request))


@lru_cache(maxsize=4)
def _document(routes: tuple[access.Route, ...], cookie: str) -> Json:
    routes = tuple(route for route in routes if route.is_api or route.path in ("/healthz", "/readyz", "/metrics"))
    types: list[object] = [ProblemBody]
    for route in routes:
        types += [kind for kind in (route.body, route.returns) if kind not in (None, bytes)]
    schemas, components = wire.schemas(types)
    of_type = dict(zip(map(repr, types), schemas, strict=True))
    paths: dict[str, Json] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, of_type)
    return {
        "openapi": "3.1.0",
        "info": {"title": "pbx-bridge", "version": "1", "description": "Call-center control for Asterisk."},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": cookie},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _operation(route: access.Route, of_type: dict[str, Json]) -> Json:
    words = re.findall(r"[a-z]+", route.path.removeprefix("/api/v1"))
    operation: Json = {
        "operationId": "_".join([route.method.lower(), *words]),
        "summary": route.summary,
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": {
            **{str(status): _answer(route, status, of_type) for status in (route.status, *route.also)},
            "default": _problem(of_type),
        },
        "security": [{"session": []}, {"bearer": []}] if route.roles else [],
        "x-roles": sorted(route.roles),
    }
    if route.body is bytes:
        file: Json = {"schema": {"type": "string", "format": "binary"}}
        operation["requestBody"] = {"required": True, "content": dict.fromkeys(route.takes, file)}
    elif route.body is not None:
        content = {"application/json": {"schema": of_type[repr(route.body)]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _path_parameters(route: access.Route) -> list[Json]:
    names = re.findall(r"{(\w+)}", route.path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _query_parameters(route: access.Route) -> list[Json]:
    if route.query is None:
        return []
    _, components = wire.schemas([route.query])
    schema = components[route.query.__name__]
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "allowEmptyValue": True,  # an empty field of a form is none
            "schema": kind,
        }
        for name, kind in schema["properties"].items()
    ]


def _answer(route: access.Route, status: int, of_type: dict[str, Json]) -> Json:
    answer: Json = {"description": route.summary}
    if status in (101, 204, 304):
        return answer
    schema = of_type[repr(route.returns)] if route.returns is not None else {}
    answer["content"] = {media: {"schema": schema} if media == "application/json" else {} for media in route.media}
    return answer


def _problem(of_type: dict[str, Json]) -> Json:
    content = {"application/problem+json": {"schema": of_type[repr(ProblemBody)]}}
    return {"description": "A problem (RFC 9457)", "content": content}
