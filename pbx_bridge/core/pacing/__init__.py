"""Pacing: how many numbers to dial now (docs/pacing.md)."""

from pbx_bridge.core.pacing.features import LeadFacts, encode
from pbx_bridge.core.pacing.learner import AnswerModel
from pbx_bridge.core.pacing.ledger import DropLedger
from pbx_bridge.core.pacing.pacer import Pacer
from pbx_bridge.core.pacing.records import (
    AgentState,
    AgentView,
    BadPacingInput,
    Connected,
    Decision,
    DialOutcome,
    DialResolved,
    DialView,
    Dropped,
    Event,
    LeadView,
    Limit,
    Mode,
    Policy,
    Snapshot,
    TalkEnded,
    WaitingView,
    WrapUpEnded,
)

__all__ = [
    "AgentState",
    "AgentView",
    "AnswerModel",
    "BadPacingInput",
    "Connected",
    "Decision",
    "DialOutcome",
    "DialResolved",
    "DialView",
    "DropLedger",
    "Dropped",
    "Event",
    "LeadFacts",
    "LeadView",
    "Limit",
    "Mode",
    "Pacer",
    "Policy",
    "Snapshot",
    "TalkEnded",
    "WaitingView",
    "WrapUpEnded",
    "encode",
]
