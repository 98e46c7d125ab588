"""Rows of the database as the records of the ports: columns become fields of the same name, numbers their own ids."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

import msgspec

from pbx_bridge.core.ids import id_from

if TYPE_CHECKING:
    from asyncpg import Record

T = TypeVar("T", bound=msgspec.Struct)


def record(row: "Mapping[str, object] | Record", type_: type[T]) -> T:
    """One record; columns that it has no field for are left out."""
    fields = type_.__struct_fields__
    return msgspec.convert({name: value for name, value in row.items() if name in fields}, type_, dec_hook=id_from)
