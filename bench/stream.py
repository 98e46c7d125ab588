"""A realistic AMI stream for the benches: the recorded ones when there are any, else events of a busy centre.

The made-up mix averages about 487 bytes and 20.5 headers an event, which is what a real Asterisk 22 with CEL and
VarSet on was measured to write.
"""

import random
from pathlib import Path

from pbx_bridge.ami.framing import Framer

SEED = 20
_STREAMS = Path(__file__).parent.parent / "tests" / "streams"


def _party(n: int, prefix: str = "") -> list[str]:
    return [
        f"{prefix}Channel: PJSIP/{1000 + n % 400}-{n:08x}",
        f"{prefix}ChannelState: 6",
        f"{prefix}ChannelStateDesc: Up",
        f"{prefix}CallerIDNum: +8150{30000000 + n}",
        f"{prefix}CallerIDName: Customer {n % 977}",
        f"{prefix}ConnectedLineNum: {1000 + n % 400}",
        f"{prefix}ConnectedLineName: 佐藤 {n % 400}",
        f"{prefix}Language: ja",
        f"{prefix}AccountCode: center-tokyo-{n % 9}",
        f"{prefix}Context: center",
        f"{prefix}Exten: 7{n % 1000:03d}",
        f"{prefix}Priority: {n % 17}",
        f"{prefix}Uniqueid: {1763800000 + n // 7}.{n}",
        f"{prefix}Linkedid: {1763800000 + n // 7}.{n - n % 3}",
    ]


def _event(name: str, n: int, *extra: str) -> bytes:
    lines = [f"Event: {name}", "Privilege: call,all", f"Timestamp: {1763800000 + n}.{n % 1000000:06d}", *extra]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _bridge(n: int) -> list[str]:
    return [
        f"BridgeUniqueid: 6c0d0d0b-57b2-4b3c-8a08-{n:012x}",
        "BridgeType: basic",
        "BridgeTechnology: simple_bridge",
        "BridgeCreator: <unknown>",
        "BridgeName: <unknown>",
        "BridgeNumChannels: 2",
        "BridgeVideoSourceMode: none",
    ]


def _make(name: str, n: int) -> bytes:
    party = _party(n)
    match name:
        case "VarSet":
            return _event(name, n, *party, "Variable: CDR(center)", "Value: tokyo: north")
        case "Newexten":
            app = f"PJSIP/{n % 400},20,tT"
            return _event(name, n, *party, "Extension: s", "Application: Dial", f"AppData: {app}")
        case "DialBegin" | "DialEnd":
            status = [f"DialString: {n % 400}"] if name == "DialBegin" else ["DialStatus: ANSWER"]
            return _event(name, n, *party, *_party(n + 1, "Dest"), *status)
        case "BridgeEnter" | "BridgeLeave":
            return _event(name, n, *_bridge(n), *party)
        case "Hangup":
            return _event(name, n, *party, "Cause: 16", "Cause-txt: Normal Clearing")
        case "RTCPSent":
            return _event(name, n, *party, "To: 127.0.0.3:4000", "SSRC: 0x1234abcd", "ReportCount: 1")
        case _:
            return _event(name, n, *party)


_MIX = (
    ("VarSet", 34),
    ("Newexten", 20),
    ("Newstate", 8),
    ("Newchannel", 5),
    ("NewConnectedLine", 7),
    ("NewCallerid", 3),
    ("DialBegin", 5),
    ("DialEnd", 5),
    ("BridgeEnter", 7),
    ("BridgeLeave", 7),
    ("Hangup", 5),
    ("RTCPSent", 14),
)


def made_up(events: int) -> bytes:
    """`events` packets of a made-up busy centre, the same on every run."""
    choose = random.Random(SEED)  # noqa: S311 - a repeatable mix, no secret
    names = choose.choices([name for name, _ in _MIX], [weight for _, weight in _MIX], k=events)
    return b"".join(_make(name, n) for n, name in enumerate(names))


def recorded() -> bytes:
    """Every recorded stream of the tests in a row; empty while there is none."""
    parts = []
    for path in sorted(_STREAMS.glob("*.ami")):
        parts.extend(Framer().feed(path.read_bytes()))
    return b"".join(packet + b"\r\n\r\n" for packet in parts)


def chunks(stream: bytes, size: int = 65536) -> list[bytes]:
    """As a busy socket hands it over."""
    return [stream[at : at + size] for at in range(0, len(stream), size)]
