"""`python -m pbx_bridge.demo.farm ADDRESS PORT CODEC…`: a few phones in a process of their own, driven over JSON lines.

Apart from the bridge, so that PJSIP can neither stall nor crash it; ends with its parent, whose end closes stdin.
"""

import contextlib
import os
import queue
import sys
import threading
from typing import IO

import msgspec
import pjsua2 as pj

from . import wire
from .softphone import Exchange

_POLL_MS = 10


def _read(source: IO[bytes], orders: "queue.SimpleQueue[bytes | None]") -> None:
    for line in source:
        orders.put(line)
    orders.put(None)


def _pending(orders: "queue.SimpleQueue[bytes | None]") -> list[bytes | None]:
    lines: list[bytes | None] = []
    with contextlib.suppress(queue.Empty):
        while True:
            lines.append(orders.get_nowait())
    return lines


def _obey(exchange: Exchange, numbered: wire.Numbered) -> wire.Report:
    try:
        return exchange.obey(numbered.n, numbered.order)
    except pj.Error as error:
        return wire.Failed(numbered.n, error.reason)
    except KeyError as error:
        return wire.Failed(numbered.n, f"no such call or phone: {error.args[0]}")


def main(address: str, port: int, codecs: list[str]) -> None:
    """Serve until stdin closes."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever PJSIP prints must not break the lines
    encode = msgspec.json.Encoder().encode
    decode = msgspec.json.Decoder(wire.Numbered).decode

    def tell(report: wire.Report) -> None:
        with contextlib.suppress(BrokenPipeError):
            out.write(encode(report) + b"\n")

    try:
        exchange = Exchange(address, port, codecs, tell)
    except pj.Error as error:
        tell(wire.Failed(wire.START, error.reason))
        return
    tell(wire.Ready(exchange.address))
    orders: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, orders), daemon=True).start()
    alive = True
    while alive:
        exchange.poll(_POLL_MS)
        for line in _pending(orders):
            if line is None:
                alive = False
            else:
                tell(_obey(exchange, decode(line)))
    exchange.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
    os._exit(0)  # PJSIP's Python objects may not outlive their library; let the kernel tidy up
