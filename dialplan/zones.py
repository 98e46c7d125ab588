"""Time zones as Asterisk can always compute them: by rule, not by name.

Asterisk looks a zone's name up in the machine's zoneinfo and silently takes UTC when it is not there, as in a minimal
Debian. A POSIX rule (`JST-9`) needs no files. Source: the footer of a TZif file, RFC 9636 §3.3.
"""

from functools import lru_cache
from importlib.resources import files

from pbx_bridge.core.errors import Misconfigured


@lru_cache(maxsize=64)
def posix(zone: str) -> str:
    """`Asia/Tokyo` → `JST-9`. Raises `Misconfigured` for a zone that has no rule."""
    try:
        data = files("tzdata").joinpath("zoneinfo", *zone.split("/")).read_bytes()
    except (OSError, ValueError):
        raise Misconfigured(f"zone {zone!r} is unknown: name one like Asia/Tokyo") from None
    rule = data.rstrip(b"\n").rpartition(b"\n")[2].decode("ascii", "replace")
    if not data.startswith(b"TZif") or not rule.isprintable():
        raise Misconfigured(f"zone {zone!r} has no rule that Asterisk understands: name one like Asia/Tokyo")
    return rule
