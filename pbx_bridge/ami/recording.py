"""Recorded AMI streams: the raw packets, scrubbed, with two kinds of packets of our own between them. Pure.

`Event: PbxBridgeClock` (`At`: seconds since the recording began; `Link: down` and `Reason` when the connection went)
and `Event: PbxBridgeSeed` (`Seed`: what lived in Asterisk after a login, as JSON). Being AMI themselves, they leave the
file a stream that any reader of AMI can take, from any packet on.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from pbx_bridge.core.errors import Garbled
from pbx_bridge.core.events import Event, LinkDown, Seed

from .decode import Decoder
from .framing import Framer
from .message import Message, name_of
from .scrub import Scrubber

_END: Final = b"\r\n\r\n"


class Recorder:
    """Turns what a link delivers into bytes for the file. Times are seconds since the recording began."""

    def __init__(self, scrubber: Scrubber) -> None:
        self._scrubber = scrubber

    def batch(self, packets: Iterable[bytes], at: float) -> bytes:
        return _packet(f"Event: PbxBridgeClock\r\nAt: {at:.6f}") + b"".join(
            self._scrubber.packet(packet) + _END for packet in packets
        )

    def down(self, reason: str, at: float) -> bytes:
        return _packet(f"Event: PbxBridgeClock\r\nAt: {at:.6f}\r\nLink: down\r\nReason: {self._scrubber.text(reason)}")

    def seed(self, seed: Seed, at: float) -> bytes:
        # A seed comes first: names must be met here, before the headers that would tell them as such.
        for name in [party.caller_name for party in seed.channels] + [member.member_name for member in seed.members]:
            if len(name) > 1:
                self._scrubber.name(name)
        clean = self._scrubber.text(msgspec.json.encode(seed).decode())
        return _packet(f"Event: PbxBridgeSeed\r\nAt: {at:.6f}\r\nSeed: {clean}")


def _packet(text: str) -> bytes:
    return text.encode() + _END


def packets(data: bytes) -> list[bytes]:
    """Every packet of a recording, ours too. Raises `Garbled`."""
    framer = Framer()
    found = framer.feed(data)
    if framer.fault is not None:
        raise framer.fault
    return found


def events(recorded: Iterable[bytes], decoder: Decoder) -> Iterator[tuple[float, Event]]:
    """Each event with its time, in order. Before the first clock packet (a suffix) time is 0."""
    at = 0.0
    for packet in recorded:
        match name_of(packet):
            case b"PbxBridgeClock":
                at, lost = _clock(Message(packet))
                if lost is not None:
                    yield at, lost
            case b"PbxBridgeSeed":
                at, seed = _seed(Message(packet))
                yield at, seed
            case _:
                for event in decoder.decode((packet,)):
                    yield at, event


def _clock(message: Message) -> tuple[float, LinkDown | None]:
    lost = LinkDown(message.get("Reason")) if message.get("Link") == "down" else None
    return _time(message), lost


def _seed(message: Message) -> tuple[float, Seed]:
    try:
        return _time(message), msgspec.json.decode(message["Seed"], type=Seed)
    except msgspec.MsgspecError as fault:
        raise Garbled(f"the recording's seed cannot be read: {fault}") from None


def _time(message: Message) -> float:
    try:
        return float(message["At"])
    except ValueError:
        raise Garbled(f"the recording's clock says {message['At']!r}") from None
