"""Names of things. Numbers are born in the database, texts in Asterisk or from a digest."""

from hashlib import blake2b
from typing import NamedTuple, NewType

NodeId = NewType("NodeId", str)
"""One bridge beside one Asterisk."""
BootId = NewType("BootId", str)
"""One life of one Asterisk process; two boots may give the same uniqueids."""

ChannelId = NewType("ChannelId", str)
"""Asterisk's uniqueid of a channel."""
BridgeId = NewType("BridgeId", str)
"""Asterisk's uniqueid of a bridge."""
CallId = NewType("CallId", str)
"""Twelve lower-case letters and digits, stable across restarts of the bridge, fit for a URL."""

AttemptId = NewType("AttemptId", str)


class RowId(int):
    """A number born in the database. A type of its own at run time too, so that the edges tell it from a count: outside
    it is an opaque string."""

    __slots__ = ()


def id_to_text(value: object) -> str:
    """msgspec's `enc_hook` for whatever goes outside."""
    if isinstance(value, RowId):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} is not for outside")


def id_from(type_: type, value: object) -> RowId:
    """msgspec's `dec_hook`: from the database's number, or from the text that was given outside. Raises ValueError for
    a text that no id of ours has."""
    if not issubclass(type_, RowId):
        raise NotImplementedError(type_.__name__)
    if isinstance(value, int):
        return type_(value)
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 19:
        return type_(value)
    raise ValueError("unknown id")


class AgentId(RowId):
    """The account id of somebody who works calls."""

    __slots__ = ()


class TerminalId(RowId):
    __slots__ = ()


class CenterId(RowId):
    __slots__ = ()


class CampaignId(RowId):
    __slots__ = ()


class JobId(RowId):
    __slots__ = ()


class LeadId(RowId):
    __slots__ = ()


_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: nothing to misread aloud


def _digest(*parts: str) -> str:
    number = int.from_bytes(blake2b("\0".join(parts).encode(), digest_size=8).digest(), "big")
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(55, -1, -5))


def call_id(node: NodeId, boot: BootId, channel: ChannelId) -> CallId:
    """The call whose first channel is `channel`: a digest, so a second seeing of it names the same row."""
    return CallId(_digest("call", node, boot, channel))


def attempt_id(job: JobId, lead: LeadId, ordinal: int) -> AttemptId:
    """The `ordinal`-th dial of a lead by a job: sent to Asterisk as its ChannelId, so it can be found again."""
    return AttemptId(_digest("attempt", str(job), str(lead), str(ordinal)))


def attempt_channel(attempt: AttemptId) -> ChannelId:
    """The uniqueid that the Originate of an attempt asks for."""
    return ChannelId(f"attempt-{attempt}")


def attempt_of_channel(channel: ChannelId) -> AttemptId | None:
    """The attempt a uniqueid was asked for, or None. Local legs (`;2`) are not attempts."""
    prefix, _, rest = channel.partition("-")
    return AttemptId(rest) if prefix == "attempt" and rest and ";" not in rest else None


def dial_channel(reason: str, agent: AgentId, center: CenterId | None, now: float) -> ChannelId:
    """The uniqueid of an agent's own leg of a call that the bridge places for them. It says why, for whom and in which
    center's name (0: none), so that a bridge that was started since knows it too."""
    return ChannelId(f"dial-{reason}-{agent}-{center or 0}-{now:.6f}")


class PlacedFor(NamedTuple):
    """What the name of such a leg says."""

    reason: str
    agent: AgentId
    center: CenterId | None


def placed_for(channel: ChannelId) -> PlacedFor | None:
    """None for every other channel."""
    prefix, *rest = channel.split("-")
    if prefix != "dial" or len(rest) != 4 or not (rest[1].isdecimal() and rest[2].isdecimal()):
        return None
    return PlacedFor(rest[0], AgentId(rest[1]), CenterId(rest[2]) if rest[2] != "0" else None)


def line_channel(agent: AgentId, now: float) -> ChannelId:
    """The uniqueid of an open line that the bridge itself calls up (epoch seconds to the microsecond keep it apart)."""
    return ChannelId(f"line-{agent}-{now:.6f}")
