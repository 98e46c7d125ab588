"""The smallest pictures of each kind, and with sizes that only claim to be."""

import struct

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBBI", 13, b"IHDR", 1, 1, 8, 6, 0, 0, 0, 0x1F15C489)
GIF = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0, 0, 0) + b";\0"


def png(width: int, height: int) -> bytes:
    return PNG[:16] + struct.pack(">II", width, height) + PNG[24:]


def jpeg(width: int, height: int) -> bytes:
    """With a comment and a fill byte before its frame header."""
    comment = b"\xff\xfe" + struct.pack(">H", 6) + b"\xff\xd8\xff\xc0"
    frame = b"\xff\xff\xc2" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\1\x11\0"
    return b"\xff\xd8" + comment + frame + b"\xff\xd9"
