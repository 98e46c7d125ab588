"""SQL lives in `.sql` files, read as prose; Python only names a statement."""

import re
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

_NAME = re.compile(r"^-- name: ([a-z][a-z0-9_]*)$", re.MULTILINE)


def statements(noun: str) -> Mapping[str, str]:
    """The statements of `queries/<noun>.sql`: each begins with a line `-- name: <name>`."""
    text = (files(__package__) / "queries" / f"{noun}.sql").read_text(encoding="utf-8")
    parts = _NAME.split(text)[1:]
    return MappingProxyType(
        {name: body.strip().rstrip(";") for name, body in zip(parts[::2], parts[1::2], strict=True)}
    )
