"""Everything the rendered configuration depends on, as one record."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from pbx_bridge.core.directory import BUILT_IN, Center, Language, Status
from pbx_bridge.core.errors import Misconfigured
from pbx_bridge.core.ids import NodeId, id_from
from pbx_bridge.core.misfit import misfit
from pbx_bridge.core.numbering import Numbering
from pbx_bridge.core.treatment import Treatment

from .codes import DialCodes, from_table

PAUSE_KEY = "*3"
"""Unless a provision has another one."""

NumberFunction = Literal["center", "sign-in", "sign-out"]


Port = Annotated[int, Meta(ge=1, le=65535)]


class Phone(Struct, frozen=True, forbid_unknown_fields=True):
    """A desk phone: its terminal (extension, endpoint, language) and how it registers (digest). The SIP user is the
    endpoint's name."""

    extension: str
    endpoint: str
    sip_password: str
    name: str = ""
    language: Language = "ja"


class CenterPlan(Treatment, frozen=True):
    """A center and how it treats callers. Who works there is not the provision's business: see the center's page."""

    center: Center


class Trunk(Struct, frozen=True, forbid_unknown_fields=True):
    """A carrier, known by its address. `match`: where its calls come from (address or network)."""

    name: str
    host: str
    port: Port = 5060
    match: tuple[str, ...] = ()
    caller_number: str = ""
    """Shown on agents' own calls; empty: the extension."""
    qualify_seconds: int = 0


class InboundNumber(Struct, frozen=True, forbid_unknown_fields=True):
    """A number the carrier delivers. `callers`: for sign-in and sign-out, who may call it at all; a caller of a sign-in
    number becomes the sign-in terminal, so it is also all that is ever rung there."""

    number: str
    function: NumberFunction
    center: str = ""
    """The center's extension."""
    callers: tuple[str, ...] = ()
    language: Language = "ja"


class Sip(Struct, frozen=True, forbid_unknown_fields=True):
    address: str = "127.0.0.1"
    """Of this machine; SIP and RTP listen there and nowhere else."""
    port: Port = 5060
    rtp_first: Port = 10000
    rtp_last: Port = 11999
    codec: Literal["ulaw", "alaw"] = "ulaw"
    """The one that phones and carriers speak, so that Asterisk never translates between two parties: Debian's drops the
    voice of whoever a call is handed to (asterisk-config/README.md)."""


class AmiAccount(Struct, frozen=True, forbid_unknown_fields=True):
    username: str
    secret: str


class Ami(Struct, frozen=True, forbid_unknown_fields=True):
    """Two accounts of least privilege: the observer hears and reads, the controller acts and hears nothing."""

    observer: AmiAccount
    controller: AmiAccount
    address: str = "127.0.0.1"
    port: Port = 5038


class Agi(Struct, frozen=True, forbid_unknown_fields=True):
    """The bridge's FastAGI server; the two keys, hexadecimal, make the per-call token (`agi.token.keys`)."""

    inner: str
    outer: str
    address: str = "127.0.0.1"
    port: Port = 4573


class Provision(Struct, frozen=True, forbid_unknown_fields=True):
    """One Asterisk. Rendering is a pure function of this record."""

    node: NodeId
    ami: Ami
    agi: Agi
    phones: tuple[Phone, ...] = ()
    centers: tuple[CenterPlan, ...] = ()
    trunks: tuple[Trunk, ...] = ()
    numbers: tuple[InboundNumber, ...] = ()
    statuses: tuple[Status, ...] = BUILT_IN
    codes: DialCodes = DialCodes()
    sip: Sip = Sip()
    outside: tuple[str, ...] = ("0ZXXXXXXXX", "0[5789]0XXXXXXXX")
    """What terminals may dial through the first trunk, as Asterisk patterns of fixed length (no `.`, no `!`):
    Japan's geographic, free, IP and mobile numbers; foreign numbers are left out."""
    refused: tuple[str, ...] = ("0570XXXXXX", "0990XXXXXX")
    """Taken out of `outside` again, being more specific: numbers at a premium."""
    numbering: Numbering = Numbering()
    """How numbers are written in this country: a carrier may send them otherwise, and this file may too."""
    holiday_years: tuple[int, int] = (2026, 2035)
    """First and last year whose national holidays calendars know: `pbx-bridge check` says when to render anew."""
    recordings: str = "/var/spool/asterisk/pbx-bridge"
    """Where MixMonitor writes, as Asterisk sees it; exists and is writable to it."""
    music: str = ""
    """A folder of 8 kHz audio for callers who wait; empty: `moh` in Asterisk's data folder."""
    attempt_wait_seconds: int = 4
    """How long, give or take a second less, an answered customer waits before the dialplan itself plays the
    abandonment message: longer than any rule's grace, as it only acts when the bridge is away."""
    record_outgoing: bool = True
    pause_key: str = PAUSE_KEY
    """Keyed within a call: pauses or resumes its recording."""


def from_toml(text: str) -> Provision:
    """A provision written as TOML; `[codes]` may name a `preset`. Raises `Misconfigured` with the place."""
    try:
        tree = msgspec.toml.decode(text)
        codes = from_table(tree.pop("codes", {}))
        return _at_home(msgspec.structs.replace(msgspec.convert(tree, Provision, dec_hook=id_from), codes=codes))
    except msgspec.ValidationError as fault:
        raise Misconfigured(f"provision: {misfit(str(fault))}") from fault
    except (msgspec.DecodeError, AttributeError) as fault:
        raise Misconfigured(f"provision: is not TOML: {fault}") from fault


def _at_home(provision: Provision) -> Provision:
    """Every number as the rule has it, however somebody wrote it down."""
    home, replace = provision.numbering.home, msgspec.structs.replace
    return replace(
        provision,
        trunks=tuple(replace(trunk, caller_number=home(trunk.caller_number)) for trunk in provision.trunks),
        numbers=tuple(
            replace(number, number=home(number.number), callers=tuple(map(home, number.callers)))
            for number in provision.numbers
        ),
        centers=tuple(
            replace(plan, center=replace(plan.center, number=home(plan.center.number))) for plan in provision.centers
        ),
    )
