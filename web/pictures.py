"""What a picture is, by its own bytes: names and headers that travel with it prove nothing."""

import struct
from collections.abc import Callable, Mapping
from typing import Final

from pbx_bridge.ports.icons import ICON_BYTES, Icon, IconType

from .problems import FieldError, Problem

SIDE = 4096
"""Pixels: more would cost the looking browser more than the megabyte says."""


def icon_of(body: bytes) -> Icon:
    """A JPEG, PNG or GIF of at most 1 MiB and 4096 × 4096 pixels. Raises Problem `too-large` or `invalid` at `icon`."""
    if len(body) > ICON_BYTES:
        raise Problem("too-large", "1 MB at most.", errors=(FieldError("icon", "too-large"),))
    for media_type, measure in MEASURES.items():
        size = measure(body)
        if size is None:
            continue
        if not all(0 < side <= SIDE for side in size):
            raise Problem("too-large", f"{SIDE} × {SIDE} pixels at most.", errors=(FieldError("icon", "too-large"),))
        return Icon(media_type, body)
    raise Problem("invalid", "Neither JPEG nor PNG nor GIF.", errors=(FieldError("icon", "no-picture"),))


def _png(body: bytes) -> tuple[int, int] | None:
    """Signature, then IHDR first (PNG, 5.2 and 11.2.2)."""
    if len(body) < 33 or not body.startswith(b"\x89PNG\r\n\x1a\n") or body[12:16] != b"IHDR":
        return None
    width, height = struct.unpack_from(">II", body, 16)
    return width, height


def _gif(body: bytes) -> tuple[int, int] | None:
    """The logical screen (GIF89a, 18)."""
    if len(body) < 14 or body[:6] not in (b"GIF87a", b"GIF89a"):
        return None
    width, height = struct.unpack_from("<HH", body, 6)
    return width, height


def _jpeg(body: bytes) -> tuple[int, int] | None:
    """Marker by marker to the frame header, which has the size (ITU-T T.81, B.1 and B.2.2)."""
    if not body.startswith(b"\xff\xd8\xff"):
        return None
    at = 2
    while at + 9 < len(body) and body[at] == 0xFF:
        marker, length = body[at + 1], int.from_bytes(body[at + 2 : at + 4], "big")
        if marker == 0xFF:  # a fill byte
            at += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", body, at + 5)
            return width, height
        elif length < 2:
            return None
        else:
            at += 2 + length
    return None


MEASURES: Final[Mapping[IconType, Callable[[bytes], tuple[int, int] | None]]] = {
    "image/png": _png,
    "image/gif": _gif,
    "image/jpeg": _jpeg,
}
"""Width and height by the bytes; None: they are no such picture."""
