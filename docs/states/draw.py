"""Draws docs/states/agent.md by asking the transitions themselves: `python docs/states/draw.py [--check]`."""

import sys
from pathlib import Path

from pbx_bridge.core.agent import (
    AgentState,
    Alerting,
    Available,
    Idle,
    InCall,
    LoggedOff,
    Paused,
    Ringing,
    Talking,
    WrapUp,
    chosen,
    condition,
    expired,
    phone,
)
from pbx_bridge.core.ids import CallId

PAGE = Path(__file__).with_name("agent.md")
CALL = CallId("c")
LATER = 30.0

STATES: tuple[AgentState, ...] = (
    LoggedOff(),
    Available(),
    Paused("break"),
    WrapUp(CALL, LATER),
    Ringing(CALL, Available()),
    Talking(CALL, Available(), outgoing=False),
    Talking(CALL, Available(), outgoing=True),
)


def transitions() -> list[tuple[str, str, str]]:
    """(from, to, why), each pair once, in the order of the states."""
    found: dict[tuple[str, str], list[str]] = {}
    for state in STATES:
        for why, after in _inputs(state):
            before, then = condition(state), condition(after)
            if before != then:
                reasons = found.setdefault((before, then), [])
                if why not in reasons:
                    reasons.append(why)
    return [(before, then, ", ".join(reasons)) for (before, then), reasons in found.items()]


def _inputs(state: AgentState) -> list[tuple[str, AgentState]]:
    return [
        ("chooses available", chosen(state, "available")),
        ("chooses break or away", chosen(state, "break")),
        ("chooses after-call work", chosen(state, "wrap_up")),
        ("logs off", chosen(state, "logged_off")),
        ("phone rings", phone(state, Alerting(CALL), None)),
        ("answers", phone(state, InCall(CALL, outgoing=False), None)),
        ("dials", phone(state, InCall(CALL, outgoing=True), None)),
        ("hangs up", phone(state, Idle(), None)),
        ("hangs up, the center asks for wrap-up", phone(state, Idle(), LATER)),
        ("time is over", expired(state, LATER)),
    ]


def page() -> str:
    """The whole file."""
    arrows = "\n".join(f"    {before} --> {then}: {why}" for before, then, why in transitions())
    return f"""# An agent's conditions

Drawn by `docs/states/draw.py` from the transitions in `pbx_bridge/core/agent.py`; `make test` compares.
The chosen status lies beneath ringing, talking and outgoing and comes back after them; a status chosen during a call
takes effect at hang-up.

```mermaid
stateDiagram-v2
    [*] --> logged_off
{arrows}
```
"""


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(
            0 if PAGE.read_text(encoding="utf-8") == page() else "docs/states/agent.md is old: run docs/states/draw.py"
        )
    PAGE.write_text(page(), encoding="utf-8")
