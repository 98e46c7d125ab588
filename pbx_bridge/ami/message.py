"""One AMI packet, read only as far as somebody asks. Pure.

Most events are looked at by name and thrown away, so the name is a slice of the first line and the headers wait.
"""

from collections.abc import Iterator

from pbx_bridge.core.errors import Garbled

from .headers import Layout, Reader

_reader = Reader()


def name_of(packet: bytes) -> bytes:
    """The event's name, without looking further than the first line; empty for a packet that is no event."""
    if packet[:7] != b"Event: ":
        return b""
    end = packet.find(b"\r\n")
    return packet[7:end] if end >= 0 else packet[7:]


class Message:
    """An event or a response. Header names are matched without regard to case; a missing one is an error or a
    stated default, never a silent empty text (panoramisk's `event.misspelt` is `''`).

    Text is UTF-8; what is not becomes U+FFFD, as does NUL, which PostgreSQL's text cannot hold.
    """

    __slots__ = ("_fields", "_layout", "_values", "raw")

    _layout: Layout
    _values: tuple[str, ...]

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._fields: dict[str, str] | None = None

    @property
    def name(self) -> str:
        """The event's name; empty for a response."""
        return name_of(self.raw).decode("utf-8", "replace")

    @property
    def fields(self) -> dict[str, str]:
        """Every header by the name Asterisk wrote; of a repeated one the first value. Not to be changed."""
        fields = self._fields
        if fields is None:
            raw = self.raw
            text = raw.decode("utf-8", "replace")
            if b"\0" in raw:
                text = text.replace("\0", "\ufffd")
            self._layout, self._values = layout, values = _reader.read(raw[: raw.find(b"\r\n")], text)
            # A repeated name keeps its first value: what a dialplan adds comes after what Asterisk itself wrote.
            fields = dict(zip(layout.names, values, strict=True)) if layout.unique else _firsts(layout, values)
            self._fields = fields
        return fields

    def __getitem__(self, name: str) -> str:
        """The first value of a header; `Garbled` when there is none."""
        value = self.fields.get(name)
        if value is not None:
            return value
        if name not in self:
            raise Garbled(f"AMI {self.name or 'response'}: the header {name} is missing")
        return self.get(name)

    def get(self, name: str, default: str = "") -> str:
        """The first value of a header, or `default`."""
        value = self.fields.get(name)
        if value is not None:
            return value
        written = self._layout.folded.get(name.lower())
        return default if written is None else self.fields[written]

    def __contains__(self, name: str) -> bool:
        return name in self.fields or name.lower() in self._layout.folded

    def all(self, name: str) -> list[str]:
        """Every value of a header that may repeat (`Output`, `ChanVariable`), in order; empty when absent."""
        folded = name.lower()
        return [value for written, value in self.items() if written.lower() == folded]

    def items(self) -> Iterator[tuple[str, str]]:
        """Every header in the order of the wire, repeated ones too."""
        fields = self.fields
        if self._layout.unique:
            return iter(fields.items())
        return zip(self._layout.names, self._values, strict=True)

    def __repr__(self) -> str:
        return f"<Message {dict(self.items())!r}>"


def _firsts(layout: Layout, values: tuple[str, ...]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in zip(layout.names, values, strict=True):
        fields.setdefault(layout.folded[name.lower()], value)
    return fields
