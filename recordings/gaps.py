"""Silence where the recorder paused: MixMonitor's option `b` writes nothing while the channel is in no bridge."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from pbx_bridge.ports.recordings import Gap
from recordings.encoding import Int16

_BLOCK = 65_536
"""Frames of silence at once."""


def filled(blocks: Iterable[Int16], gaps: Sequence[Gap], rate: int, channels: int) -> Iterator[Int16]:
    """The sound with every gap in its place. A gap where the sound has ended already stays out: nothing follows it."""
    at = 0
    waiting = [(round(gap.at * rate), round(gap.seconds * rate)) for gap in sorted(gaps, key=lambda gap: gap.at)]
    for block in blocks:
        rest = block
        while waiting and waiting[0][0] < at + len(rest):
            begin, length = waiting.pop(0)
            head, rest = rest[: max(0, begin - at)], rest[max(0, begin - at) :]
            if len(head):
                yield head
            yield from _silence(length, channels)
            at += len(head) + length
        if len(rest):
            yield rest
        at += len(rest)


def _silence(frames: int, channels: int) -> Iterator[Int16]:
    for begin in range(0, frames, _BLOCK):
        yield np.zeros((min(_BLOCK, frames - begin), channels), np.int16)
