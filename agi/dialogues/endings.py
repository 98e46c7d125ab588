"""What is said when something is refused or away: every ending is spoken."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from agi.server import Dialogue
from agi.session import Session
from pbx_bridge.core.errors import RefusalId, Refused, Rejected, Unreachable

from .talk import Talk

_log = logging.getLogger(__name__)

REFUSALS: Final[dict[RefusalId, str]] = {
    "unknown-agent": "not-an-agent",
    "unknown-terminal": "not-permitted",
    "unknown-job": "no-job",
    "unknown-call": "no-call",
    "unknown-status": "unknown-status",
    "wrong-credentials": "wrong-credentials",
    "no-input": "no-input",
    "locked": "locked",
    "not-an-agent": "not-an-agent",
    "not-signed-in": "not-signed-in",
    "call-in-progress": "call-in-progress",
    "terminal-in-use": "terminal-in-use",
    "terminal-not-registered": "terminal-not-registered",
    "not-assigned": "no-job",
    "not-on-line": "not-permitted",
    "not-permitted": "not-permitted",
    "job-not-running": "job-not-running",
    "not-recorded": "not-recorded",
    "callback-taken": "not-permitted",
    "redial-changed": "not-permitted",
    "do-not-call": "not-permitted",
    "outside-window": "not-permitted",
    "dialed-enough": "not-permitted",
    "being-dialed": "not-permitted",
}
"""Refusal → sentence."""


def spoken(body: Callable[[Talk], Awaitable[None]]) -> Dialogue:
    """A dialogue that says why when it cannot do what it was asked."""

    async def dialogue(session: Session) -> None:
        talk = Talk(session)
        try:
            await body(talk)
        except Refused as refusal:
            _log.info("dialogue %s refused: %s", session.request.dialogue, refusal.id)
            await talk.say(REFUSALS[refusal.id], "goodbye")
        except (Unreachable, Rejected) as away:
            _log.warning("dialogue %s: %s", session.request.dialogue, away)
            await talk.say("try-later")

    return dialogue
