"""What the parent and a phone farm say to one another: one JSON object a line, orders down, reports up.

Calls and phones carry names the parent chose (a farm names incoming calls itself, `in-1`, `in-2` …).
"""

from typing import Literal

from msgspec import Struct

Progress = Literal["calling", "incoming", "early", "connecting", "up", "ended"]
"""PJSIP's invite session states, in words; `early` is ringing."""


class Register(Struct, frozen=True, tag=True):
    """Create a phone. Without a registrar it is a peer: it takes any call to its address and sends from it."""

    phone: str
    user: str
    password: str = ""
    registrar: str = ""
    """host:port"""
    caller_name: str = ""
    address: str = ""
    """Of the phone, when it is another than the farm's."""


class Unregister(Struct, frozen=True, tag=True):
    phone: str


class Dial(Struct, frozen=True, tag=True):
    """`target` is a whole SIP URI; `caller` overrides the From user for peers."""

    phone: str
    call: str
    target: str
    caller: str = ""


class Answer(Struct, frozen=True, tag=True):
    """180 rings, 200 answers, 4xx–6xx refuses."""

    call: str
    code: int = 200


class HangUp(Struct, frozen=True, tag=True):
    call: str
    code: int = 0
    """0 lets PJSIP choose: BYE, CANCEL or 603."""


class Digits(Struct, frozen=True, tag=True):
    """RFC 4733 telephone events."""

    call: str
    digits: str


class Play(Struct, frozen=True, tag=True):
    """What the phone's mouth says from now on: a tone in Hz, a WAV file in a loop, or silence."""

    call: str
    tone: int = 0
    wav: str = ""
    together: bool = False
    """All calls that play this WAV so play the same of it in the same moment."""


class Hold(Struct, frozen=True, tag=True):
    call: str
    on: bool


class Transfer(Struct, frozen=True, tag=True):
    """REFER: blind to a SIP URI, or attended onto another call of the same farm."""

    call: str
    target: str = ""
    onto: str = ""


class Record(Struct, frozen=True, tag=True):
    """Write what the phone hears to a WAV file until the call ends."""

    call: str
    path: str


class Listen(Struct, frozen=True, tag=True):
    """How strong each of `tones` (Hz) is in the last quarter of a second the phone heard."""

    call: str
    tones: list[int]


Order = Register | Unregister | Dial | Answer | HangUp | Digits | Play | Hold | Transfer | Record | Listen


START = 0
"""The number of what nobody ordered: a farm that cannot start fails it."""


class Numbered(Struct, frozen=True):
    """An order with its number, so that its outcome can be told."""

    n: int
    order: Order


class Done(Struct, frozen=True, tag=True):
    n: int


class Failed(Struct, frozen=True, tag=True):
    n: int
    reason: str


class Heard(Struct, frozen=True, tag=True):
    """`level` is RMS of full scale (0–1); `shares` each tone's part of the whole energy (0–1), in the order asked."""

    n: int
    seconds: float
    """How much sound was there to judge."""
    level: float
    shares: list[float]


class Ready(Struct, frozen=True, tag=True):
    """The farm listens; the address is its SIP transport's."""

    address: str


class Registration(Struct, frozen=True, tag=True):
    phone: str
    active: bool
    code: int
    reason: str


class Incoming(Struct, frozen=True, tag=True):
    phone: str
    call: str
    caller: str
    called: str


class Changed(Struct, frozen=True, tag=True):
    call: str
    progress: Progress
    code: int
    """The last SIP status of the dialog."""
    reason: str
    at: float
    """Epoch seconds."""


class Keyed(Struct, frozen=True, tag=True):
    """The other side sent a digit."""

    call: str
    digit: str


Report = Done | Failed | Heard | Ready | Registration | Incoming | Changed | Keyed
