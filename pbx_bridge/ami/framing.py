"""Bytes in, complete AMI packets out. Pure.

A packet is lines ended by CRLF, closed by an empty line; a greeting of one line opens the connection
(https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/AMI-v2-Specification/).
Packets stay bytes: a read may end inside a UTF-8 sequence, a packet never does.
"""

from pbx_bridge.core.errors import Garbled

MAX_PACKET_BYTES = 256 * 1024
"""Far above anything Asterisk writes in one event (its largest carry every channel variable of a call)."""

_END = b"\r\n\r\n"
_GREETING = b"Asterisk Call Manager/"


class Framer:
    """One connection's worth of bytes. What comes out does not depend on how the bytes were cut.

    `version` is the greeting's protocol version once seen; a stream recorded from mid-connection has none.
    `fault` is set when the bytes stop being AMI; whole packets before that point are still handed out.
    """

    def __init__(self, max_packet_bytes: int = MAX_PACKET_BYTES) -> None:
        self.version = ""
        self.fault: Garbled | None = None
        self._limit = max_packet_bytes
        self._pending = bytearray()
        self._searched = 0
        self._greeted = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """The packets completed by `chunk`, without their closing empty line. After a fault: none."""
        if self.fault is not None:
            return []
        if self._pending:
            self._pending += chunk
            # Only the new bytes can complete a terminator, so byte-wise input stays linear.
            if self._pending.find(_END, self._searched) < 0:
                return self._wait()
            chunk = bytes(self._pending)
        packets = chunk.split(_END)
        self._pending = bytearray(packets.pop())
        if len(chunk) > self._limit:
            self._check(packets)
        if not self._greeted and packets:
            packets = self._after_greeting(packets)
        return self._wait(packets)

    def _wait(self, packets: list[bytes] | None = None) -> list[bytes]:
        size = len(self._pending)
        self._searched = max(0, size - len(_END) + 1)
        if size > self._limit + len(_END) - 1:
            self._fail()
        return packets if packets is not None else []

    def _check(self, packets: list[bytes]) -> None:
        for index, packet in enumerate(packets):
            if len(packet) > self._limit:
                del packets[index:]
                self._fail()
                return

    def _fail(self) -> None:
        self.fault = Garbled(f"an AMI packet is longer than {self._limit} bytes: this is not AMI, or not Asterisk's")
        self._pending.clear()

    def _after_greeting(self, packets: list[bytes]) -> list[bytes]:
        self._greeted = True
        first, _, rest = packets[0].partition(b"\r\n")
        if not first.startswith(_GREETING):
            return packets
        self.version = first[len(_GREETING) :].decode("ascii", "replace").strip()
        return [rest, *packets[1:]] if rest else packets[1:]
