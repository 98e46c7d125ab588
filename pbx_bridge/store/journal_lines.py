"""A line of Asterisk's books becomes a row, or says why it cannot. Pure."""

import csv
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from msgspec import Struct

from dialplan.journal import CDR_COLUMNS, CEL_COLUMNS

Book = Literal["cdr", "cel"]
Value: TypeAlias = str | int | datetime | None
COLUMNS: dict[Book, tuple[str, ...]] = {
    "cdr": tuple(name for name, _ in CDR_COLUMNS),
    "cel": tuple(name for name, _ in CEL_COLUMNS),
}
_LONGEST_KEY = 300
"""Characters of an indexed text. Asterisk's own hold at most 150 (AST_MAX_UNIQUEID) and 80 (AST_MAX_EXTENSION)."""


class BadLine(ValueError):
    """The line is no record of the book; the text says why."""


class Line(Struct, frozen=True):
    """A line without its newline and where it begins in its file, in bytes."""

    offset: int
    text: bytes


def _text(word: str) -> str:
    if "\0" in word:
        raise BadLine("a NUL character, which PostgreSQL cannot hold")
    return word


def _key(word: str) -> str:
    if len(word) > _LONGEST_KEY:
        raise BadLine(f"a key of {len(word)} characters")
    return _text(word)


def _moment(word: str) -> datetime:
    """Epoch seconds with up to six decimals, without passing through a float."""
    seconds, _, fraction = word.partition(".")
    if not (seconds.isdecimal() and seconds.isascii() and len(seconds) <= 11):
        raise BadLine(f"{word[:40]!r} is no time")
    if fraction and not (fraction.isdecimal() and fraction.isascii()):
        raise BadLine(f"{word[:40]!r} is no time")
    return datetime.fromtimestamp(int(seconds), UTC).replace(microsecond=int(fraction[:6].ljust(6, "0")))


def _moment_or_none(word: str) -> datetime | None:
    """An absent time is empty or zero."""
    return None if word.strip("0.") == "" else _moment(word)


def _whole(limit: int) -> Callable[[str], int]:
    def read(word: str) -> int:
        if not (word.isdecimal() and word.isascii() and len(word) <= 19) or int(word) > limit:
            raise BadLine(f"{word[:40]!r} is no whole number up to {limit}")
        return int(word)

    return read


_READERS: dict[str, Callable[[str], Value]] = {
    "boot": _key,
    "uniqueid": _key,
    "linkedid": _key,
    "src": _key,
    "dst": _key,
    "event": _key,
    "sequence": _whole(2**63 - 1),
    "duration": _whole(2**31 - 1),
    "billsec": _whole(2**31 - 1),
    "started_at": _moment,
    "ended_at": _moment,
    "at": _moment,
    "answered_at": _moment_or_none,
}
_BY_BOOK: dict[Book, tuple[Callable[[str], Value], ...]] = {
    book: tuple(_READERS.get(column, _text) for column in columns) for book, columns in COLUMNS.items()
}


def parse(book: Book, text: bytes) -> tuple[Value, ...]:
    """The line's values in the order of `COLUMNS[book]`. Raises `BadLine`, nothing else, for whatever bytes."""
    readers = _BY_BOOK[book]
    try:
        (words,) = csv.reader([text.decode("utf-8", errors="replace")], strict=True)
    except (csv.Error, ValueError) as error:
        raise BadLine(f"no CSV line: {error}") from None
    if len(words) != len(readers):
        raise BadLine(f"{len(words)} columns, not {len(readers)}")
    return tuple(read(word) for read, word in zip(readers, words, strict=True))


def split(block: bytes, offset: int) -> tuple[Sequence[Line], int]:
    """The whole lines of `block`, which begins at `offset`, and where the next one begins: a half line waits."""
    lines = []
    start = 0
    while (end := block.find(b"\n", start)) >= 0:
        if end > start:
            lines.append(Line(offset + start, block[start:end]))
        start = end + 1
    return lines, offset + start
