"""What the two named libraries get wrong on the wire, so that we notice the day it is mended (house rule)."""

import io
import signal

import panoramisk
from asterisk.agi import AGI
from panoramisk.ami_protocol import AMIProtocol

from agi.protocol import command
from pbx_bridge.ami.framing import Framer
from pbx_bridge.ami.message import Message

RAW = "Event: UserEvent\r\nName: 佐藤\r\n\r\n".encode()
CUT = RAW.index("佐".encode()) + 1


async def test_panoramisk_loses_a_character_cut_by_a_read() -> None:
    heard: list[object] = []
    manager = panoramisk.Manager()
    manager.register_event("*", lambda manager, event: heard.append(event))
    protocol = AMIProtocol()
    protocol.connection_made(None)
    protocol.factory, protocol.encoding = manager, "utf8"
    protocol.data_received(RAW[:CUT])
    protocol.data_received(RAW[CUT:])
    assert "佐藤" not in str(heard[0])

    framer = Framer()
    (packet,) = framer.feed(RAW[:CUT]) + framer.feed(RAW[CUT:])
    assert Message(packet)["Name"] == "佐藤"


def test_pyst2_does_not_escape_quotes_and_prints_the_call() -> None:
    stderr = io.StringIO()
    before = signal.getsignal(signal.SIGHUP)
    theirs = AGI(io.StringIO("agi_callerid: 0901\n\n"), io.StringIO(), stderr)
    assert signal.signal(signal.SIGHUP, before) is not before  # it takes over the process's signals, too
    assert theirs._quote('a" b') == '"a" b"'
    assert "0901" in stderr.getvalue()
    assert command("VERBOSE", 'a" b') == b'VERBOSE "a\\" b"\n'
