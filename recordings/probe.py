"""What a sound file is, and what is wrong with it; mending the header of one whose writer was killed."""

import os
import struct
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from pbx_bridge.ports.recordings import SHORT_SECONDS
from recordings.durable import appearing
from recordings.sound import BLOCK_BYTES, Format, Raw, Sound, open_sound
from recordings.wav import read_layout


class Flag(StrEnum):
    """What the reader of a recording should know about it."""

    REPAIRED = "repaired"
    """Its writer was killed; the length was taken from the file's. At most the last moments are lost."""
    SHORT = "short"
    """Less sound than talk: the disk was full, or the recorder died."""
    EMPTY = "empty"
    """No sound at all. (A FLAC cannot hold nothing: it then holds one silent frame.)"""


class Probed(Struct, frozen=True):
    """What a file is. `rate` in frames a second."""

    format: Format
    encoding: str
    rate: int
    channels: int
    frames: int
    flags: frozenset[Flag]

    @property
    def seconds(self) -> float:
        """Length of the sound."""
        return self.frames / self.rate


def probe(path: Path, raw: Raw | None = None, talked_seconds: float | None = None) -> Probed:
    """What `path` is, from its header and length alone. Raises `Unreadable`, OSError.

    `raw`: it has no header, and is this. `talked_seconds`: what it should hold, for `Flag.SHORT`.
    """
    with open_sound(path, raw) as sound:
        flags = flags_of(sound, sound.frames, talked_seconds)
        return Probed(sound.format, sound.encoding.name, sound.rate, sound.channels, sound.frames, flags)


def flags_of(sound: Sound, frames: int, talked_seconds: float | None) -> frozenset[Flag]:
    """The flags of a sound of so many frames."""
    short = talked_seconds is not None and frames / sound.rate < talked_seconds - SHORT_SECONDS
    found = ((Flag.REPAIRED, sound.repaired), (Flag.SHORT, short), (Flag.EMPTY, frames <= 1))
    return frozenset(flag for flag, holds in found if holds)


def repair(path: Path) -> bool:
    """Give a WAV whose recorder was killed the header it deserves; says whether there was anything to mend.

    A copy is mended and then renamed over the file, so a crash here costs nothing. Raises `Unreadable`, OSError.
    """
    with path.open("rb") as wav:
        layout = read_layout(wav, os.fstat(wav.fileno()).st_size)
        if not layout.repaired:
            return False
        wav.seek(0)
        header = bytearray(wav.read(layout.start))
        struct.pack_into("<I", header, 4, min(layout.start - 8 + layout.length, 0xFFFFFFFF))
        struct.pack_into("<I", header, layout.start - 4, min(layout.length, 0xFFFFFFFF))
        with appearing(path) as part, part.open("wb") as copy:
            copy.write(header)
            left = layout.length
            while left > 0 and (data := wav.read(min(BLOCK_BYTES, left))):
                copy.write(data)
                left -= len(data)
    return True
