"""Names of the dialplan's contexts: those the switchboard knows, and those only the dialplan needs."""

from pbx_bridge.core.contexts import (
    ABANDON,
    ASK_FIRST,
    ASKED_LINE,
    ATTEMPT,
    ATTEMPT_ANSWERED,
    CALLBACK_ASKED,
    CENTER,
    DIAL,
    FROM_CARRIER,
    LINE,
    LINE_WAITING,
    MESSAGE,
    PAUSE_RECORDING,
    RECORD_ANEW_KEY,
    TERMINALS,
    TURNED_AWAY,
    agent_lamp,
    outside_endpoint,
    status_lamp,
)

__all__ = [
    "ABANDON",
    "ASKED_LINE",
    "ASK_FIRST",
    "ATTEMPT",
    "ATTEMPT_ANSWERED",
    "CALLBACK_ASKED",
    "CENTER",
    "DIAL",
    "DIALOGUE",
    "FROM_CARRIER",
    "LINE",
    "LINE_WAITING",
    "MESSAGE",
    "PAUSE_RECORDING",
    "RECORD",
    "RECORD_ANEW_KEY",
    "TERMINALS",
    "TURNED_AWAY",
    "agent_lamp",
    "lamps",
    "outside_endpoint",
    "status_lamp",
]

DIALOGUE = "pbx-dialogue"
"""One FastAGI dialogue, and what is said when the bridge does not answer."""
RECORD = "pbx-record"
"""A subroutine: record the channel that runs it."""


def lamps(extension: str) -> str:
    """Where a terminal's BLF keys subscribe: its own status lamps and everybody's terminals."""
    return f"lamps-{extension}"
