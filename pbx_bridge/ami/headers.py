"""The header block of one packet, taken apart. Pure.

Asterisk writes the same header names in the same order for the same event, give or take a few variants. So each
sequence of names that keeps coming back is learned as one regular expression, which cuts all values out in one
call; whatever no learned expression fits is read line by line. Both roads give the same result (a test holds
them together); the learned one takes about 60 % of the time (`make bench`).
"""

import re
from collections.abc import Callable
from typing import Final

_LEARN_AFTER: Final = 16
"""Sightings of a sequence of names before it is worth an expression: compiling one costs about a millisecond."""
_VARIANTS_KEPT: Final = 6
_KEPT_AT_MOST: Final = 1024
"""Bounds on what a foreign dialplan's UserEvents can make us remember."""

_Match = Callable[[str], re.Match[str] | None]


class Layout:
    """The header names of one kind of packet, in order. `unique` is false when a name repeats."""

    __slots__ = ("folded", "names", "unique")

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.folded: dict[str, str] = {}
        for name in names:
            self.folded.setdefault(name.lower(), name)
        self.unique = len(self.folded) == len(names)

    def compile(self) -> _Match:
        # `[^\r]*` and the literal names leave one way to match, so time is linear in the packet; a value with a
        # bare CR in it fits nothing and is read line by line.
        return re.compile("\r\n".join(f"{re.escape(name)}: ([^\r]*)" for name in self.names)).fullmatch


class Reader:
    """Remembers layouts between packets. One is shared by the process: what is learned is about Asterisk's code,
    not about a connection."""

    def __init__(self) -> None:
        self.learned: dict[bytes, tuple[tuple[_Match, Layout], ...]] = {}
        self._seen: dict[tuple[bytes, tuple[str, ...]], tuple[Layout, int]] = {}
        self._expressions = 0

    def read(self, first_line: bytes, text: str) -> tuple[Layout, tuple[str, ...]]:
        """The names and the values of a header block whose first line is `first_line`."""
        for match, layout in self.learned.get(first_line, ()):
            found = match(text)
            if found is not None:
                return layout, found.groups()
        return self.read_by_line(first_line, text)

    def read_by_line(self, first_line: bytes, text: str) -> tuple[Layout, tuple[str, ...]]:
        """The same, without anything learned. A line without a colon is a name with an empty value."""
        names: list[str] = []
        values: list[str] = []
        for line in text.split("\r\n"):
            name, _, value = line.partition(":")
            names.append(name)
            values.append(value[1:] if value[:1] == " " else value)
        return self._meet(first_line, tuple(names)), tuple(values)

    def _meet(self, first_line: bytes, names: tuple[str, ...]) -> Layout:
        layout, times = self._seen.get((first_line, names)) or (Layout(names), 0)
        if len(self._seen) >= _KEPT_AT_MOST:
            self._seen.clear()
        self._seen[first_line, names] = layout, times + 1
        if times + 1 == _LEARN_AFTER:
            self._learn(first_line, layout)
        return layout

    def _learn(self, first_line: bytes, layout: Layout) -> None:
        variants = self.learned.get(first_line, ())
        if len(variants) < _VARIANTS_KEPT and self._expressions < _KEPT_AT_MOST:
            self._expressions += 1
            self.learned[first_line] = (*variants, (layout.compile(), layout))
