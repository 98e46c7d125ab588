"""HTTP byte ranges (RFC 9110, 14): one range of one file."""

import re

from .problems import Problem

_RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """`[start, stop)`, or None to send everything: also for several ranges, which a server may answer whole.
    Raises Problem `range-not-satisfiable` when it lies beyond the end."""
    match = _RANGE.match(header or "")
    if match is None or match[0] == "bytes=-":
        return None
    first, last = match[1], match[2]
    if len(first) > 18 or len(last) > 18:
        raise Problem("range-not-satisfiable")
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= size or start >= stop:
        raise Problem("range-not-satisfiable", f"The file has {size} bytes.")
    return start, stop
