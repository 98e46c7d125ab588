"""Errors as RFC 9457 problems: `type` is stable, `title` and `detail` are for people."""

from typing import Literal

import msgspec
from aiohttp import web

from pbx_bridge.core.errors import RefusalId, Refused

from .words import Words

ProblemId = (
    RefusalId
    | Literal[
        "not-found",
        "not-signed-in-here",
        "forbidden",
        "csrf",
        "foreign-origin",
        "invalid",
        "method-not-allowed",
        "too-large",
        "unsupported-media-type",
        "range-not-satisfiable",
        "unreachable",
        "upgrade-required",
        "internal",
    ]
)

STATUS: dict[str, int] = {
    "unknown-agent": 404,
    "unknown-terminal": 404,
    "unknown-job": 404,
    "unknown-call": 404,
    "unknown-status": 422,
    "wrong-credentials": 401,
    "locked": 429,
    "not-permitted": 403,
    "not-found": 404,
    "not-signed-in-here": 401,
    "forbidden": 403,
    "csrf": 403,
    "foreign-origin": 403,
    "invalid": 400,
    "method-not-allowed": 405,
    "too-large": 413,
    "unsupported-media-type": 415,
    "range-not-satisfiable": 416,
    "unreachable": 503,
    "upgrade-required": 426,
    "internal": 500,
}
"""Everything else that our rules refuse is 409: asked rightly, but not now."""


class FieldError(msgspec.Struct, frozen=True):
    """`reason` is stable; `limit` is what its sentence names."""

    field: str
    reason: str
    limit: str = ""


class FieldProblem(msgspec.Struct, frozen=True):
    """What is wrong with one field. `reason` is stable, `message` is for people, in their language."""

    field: str
    reason: str
    message: str


class ProblemBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457: `type` is stable, `title` a sentence in the language asked for (Accept-Language), and `errors` stand at
    their fields."""

    type: str
    title: str
    status: int
    detail: str = ""
    errors: list[FieldProblem] = []
    retry_after_seconds: float | None = None


class Problem(Exception):
    """Ends a visit with a problem. `id` is the last part of the problem's `type`."""

    def __init__(
        self,
        id: ProblemId,
        detail: str = "",
        *,
        errors: tuple[FieldError, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{id}: {detail}")
        self.id: ProblemId = id
        self.detail = detail
        self.errors = errors
        self.retry_after = retry_after
        self.status = STATUS.get(id, 409)

    @classmethod
    def of(cls, refused: Refused) -> "Problem":
        return cls(refused.id, refused.detail)


def problem_response(problem: Problem, words: Words) -> web.Response:
    body = ProblemBody(
        type=f"urn:pbx-bridge:problem:{problem.id}",
        title=words(f"problem.{problem.id}"),
        status=problem.status,
        detail=problem.detail,
        errors=[FieldProblem(one.field, one.reason, words.error(one.reason, one.limit)) for one in problem.errors],
        retry_after_seconds=problem.retry_after,
    )
    response = web.Response(
        status=problem.status, body=msgspec.json.encode(body), content_type="application/problem+json"
    )
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, round(problem.retry_after)))
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="pbx-bridge"'
    return response
