"""Names the dialplan and the switchboard agree on."""

TERMINALS = "terminals"
"""Where desk phones dial from."""
FROM_CARRIER = "from-carrier"
"""Where calls from outside arrive."""
CENTER = "pbx-center"
ATTEMPT = "pbx-attempt"
"""Where an answered customer of a campaign waits for the agent."""
ABANDON = "pbx-abandon"
"""The message for whom nobody was free, then the end."""
LINE = "pbx-line"
"""An agent's open line."""
DIAL = "pbx-dial"
"""From here an agent whose terminal was rung calls the customer."""

ATTEMPT_ANSWERED = "PbxAttemptAnswered"
"""UserEvent, header `Attempt`: the customer's channel runs the dialplan and may be joined."""
PAUSE_RECORDING = "PbxPauseRecording"
"""UserEvent: an agent keyed the feature code that pauses or resumes the recording of the call they are in."""
TURNED_AWAY = "PbxTurnedAway"
"""UserEvent, headers `Why` and `Then`: a center does not take a caller, and what follows (`core.treatment`)."""
CALLBACK_ASKED = "PbxCallbackAsked"
"""UserEvent: the caller keyed that they want to be called back."""
MESSAGE = "PbxMessage"
"""UserEvent: from here on the caller leaves a message."""
ASK_FIRST = "pbx-ask-first"
"""What app_queue rings in place of an outside number: whoever answers there keys 1 before a caller is put through."""
ASKED_LINE = "pbx-asked-line"
"""An open line to an outside number, which is one only after 1 was keyed."""

LINE_WAITING = "PbxLineWaiting"
"""UserEvent: an agent's open line waits (again) for a customer."""

RECORD_ANEW_KEY = "D"
"""DTMF that no phone has a key for: the recorder of the channel that is played it begins anew (`recorders`)."""


def outside_endpoint(number: str) -> str:
    """The PJSIP endpoint through which an outside number is rung as somebody's sign-in terminal."""
    return f"outside-{number}"


def agent_lamp(extension: str) -> str:
    """The custom device beside the phone itself behind a colleague's BLF key: on hold while whoever sits there takes no
    calls."""
    return f"Custom:agent-{extension}"


def status_lamp(extension: str, digit: int) -> str:
    """The custom device behind the BLF key of status `digit` at a terminal."""
    return f"Custom:status-{extension}-{digit}"
