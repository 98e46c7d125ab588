"""AMI ingest beside panoramisk: cutting packets and reading every header, by name only, and the whole live path.

CPU time an event of this process, single-threaded, no socket: that is what the stream costs, whoever else is on the
machine.
"""

import logging
import time
from collections.abc import Callable

import panoramisk
from panoramisk.ami_protocol import AMIProtocol

from bench import stream
from bench.rounds import Row, medians, row
from pbx_bridge.ami.decode import Decoder
from pbx_bridge.ami.framing import Framer
from pbx_bridge.ami.message import Message
from pbx_bridge.core.directory import Directory
from pbx_bridge.core.ids import NodeId
from pbx_bridge.core.switchboard import Switchboard

_EVENTS = 40_000
_ROUNDS = 7

Chunks = list[bytes]


def run() -> list[Row]:
    logging.disable(logging.CRITICAL)
    made_up = stream.chunks(stream.made_up(_EVENTS))
    real = stream.recorded()
    live = _repeated(real) if real else made_up
    return [*_framing_rows(made_up, _EVENTS), *_live_rows(live, "recorded" if real else "made-up")]


def _framing_rows(chunks: Chunks, events: int) -> list[Row]:
    took = medians(
        {
            "panoramisk": lambda: _timed(_panoramisk, chunks),
            "split": lambda: _timed(_split_only, chunks),
            "every header": lambda: _timed(_every_header, chunks),
            "by name": lambda: _timed(_by_name, chunks),
        },
        _ROUNDS,
    )
    each = {name: seconds / events * 1e6 for name, seconds in took.items()}
    peer, split = each["panoramisk"], each["split"]
    return [
        row("ami", "panoramisk, one * callback", peer, "µs"),
        row("ami", "splitting on the empty line alone", split, "µs", peer / split),
        row("ami", "framing, every header decoded", each["every header"], "µs", peer / each["every header"], 3.5),
        row("ami", "framing, filtered by name", each["by name"], "µs", peer / each["by name"], 10.0),
        row("ami", "the same, share of splitting's speed", each["by name"], "µs", split / each["by name"], 0.6),
    ]


def _live_rows(chunks: Chunks, kind: str) -> list[Row]:
    events = sum(chunk.count(b"\r\n\r\n") for chunk in chunks)
    took = medians({"panoramisk": lambda: _timed(_panoramisk, chunks), "live": lambda: _timed(_live, chunks)}, _ROUNDS)
    peer, live = (took[name] / events * 1e6 for name in ("panoramisk", "live"))
    return [
        row("ami", f"panoramisk, one * callback, {kind} stream", peer, "µs"),
        row("ami", f"framing → event → switchboard, {kind} stream", live, "µs", peer / live, 2.0),
    ]


def _timed(once: Callable[[Chunks], int], chunks: Chunks) -> float:
    began = time.process_time()
    once(chunks)
    return time.process_time() - began


def _repeated(data: bytes) -> Chunks:
    """The recorded streams often enough to be worth measuring."""
    return stream.chunks(data * max(1, _EVENTS // data.count(b"\r\n\r\n")))


def _panoramisk(chunks: Chunks) -> int:
    seen = [0]

    def callback(manager: panoramisk.Manager, event: object) -> None:
        seen[0] += 1

    manager = panoramisk.Manager()
    manager.register_event("*", callback)
    protocol = AMIProtocol()
    protocol.connection_made(None)
    protocol.factory, protocol.encoding = manager, "utf8"
    for chunk in chunks:
        protocol.data_received(chunk)
    assert seen[0] > 0
    return seen[0]


def _split_only(chunks: Chunks) -> int:
    tail, seen = b"", 0
    for chunk in chunks:
        packets = (tail + chunk).split(b"\r\n\r\n")
        tail = packets.pop()
        seen += len(packets)
    return seen


def _every_header(chunks: Chunks) -> int:
    framer, seen = Framer(), 0
    for chunk in chunks:
        for packet in framer.feed(chunk):
            seen += len(Message(packet).fields)
    return seen


def _by_name(chunks: Chunks) -> int:
    """Every name looked up, no event wanted: the cost of what does not concern us."""
    framer, decoder, seen = Framer(), Decoder(names=()), 0
    for chunk in chunks:
        seen += len(decoder.decode(framer.feed(chunk)))
    return seen


def _live(chunks: Chunks) -> int:
    framer, decoder = Framer(), Decoder()
    switchboard = Switchboard(NodeId("bench"), Directory())
    facts = 0
    for at, chunk in enumerate(chunks):
        for event in decoder.decode(framer.feed(chunk)):
            facts += len(switchboard.apply(event, 1_763_800_000.0 + at).facts)
    return facts
