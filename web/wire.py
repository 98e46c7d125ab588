"""Values as they cross the wire: what the database counts is an opaque string outside, in every answer, body, query
and in the OpenAPI document."""

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from pbx_bridge.core.ids import RowId, id_from, id_to_text

T = TypeVar("T")
S = TypeVar("S", bound=Struct)
Json = dict[str, Any]  # a JSON object: OpenAPI's own shape, which has no better type

encode = msgspec.json.Encoder(enc_hook=id_to_text).encode


def decode(data: bytes, type_: type[T]) -> T:
    """JSON. Raises `msgspec.DecodeError`, and `msgspec.ValidationError` for JSON of another shape."""
    return msgspec.json.decode(data, type=type_, dec_hook=id_from)


def convert(given: dict[str, str], type_: type[S]) -> S:
    """A query's or form's texts. Raises `msgspec.ValidationError`."""
    return msgspec.convert(given, type_, strict=False, dec_hook=id_from)


def schemas(types: Iterable[object]) -> tuple[tuple[Json, ...], Json]:
    """The schema of each type, and the named ones that they refer to."""
    return msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}", schema_hook=_schema)


def _schema(type_: type) -> Json:
    if issubclass(type_, RowId):
        return {"type": "string", "description": "An opaque id"}
    raise NotImplementedError(type_.__name__)
