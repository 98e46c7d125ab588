"""The agent's state: chosen status beneath, call on top."""

import pytest

from pbx_bridge.core.agent import (
    AgentState,
    Alerting,
    Available,
    Idle,
    InCall,
    LoggedOff,
    Paused,
    PhoneUse,
    Ringing,
    Talking,
    WrapUp,
    chosen,
    condition,
    expired,
    phone,
    status,
    takes_calls,
)
from pbx_bridge.core.ids import CallId

C, D = CallId("c"), CallId("d")
RESTING: list[AgentState] = [LoggedOff(), Available(), Paused("break"), WrapUp(C, 9.0), WrapUp(None, None)]


@pytest.mark.parametrize("state", RESTING)
@pytest.mark.parametrize("name", ["available", "break", "away", "wrap_up", "logged_off"])
def test_a_status_chosen_at_rest_holds_at_once(state: AgentState, name: str) -> None:
    assert status(chosen(state, name)) == name


@pytest.mark.parametrize("name", ["available", "break", "logged_off"])
def test_a_status_chosen_while_talking_waits_for_the_hang_up(name: str) -> None:
    talking = chosen(Talking(C, Available(), outgoing=False), name)
    assert condition(talking) == "talking"
    assert status(talking) == "available"
    assert status(phone(talking, Idle(), 20.0)) == name


def test_a_status_chosen_while_ringing_leaves_the_phone_ringing() -> None:
    state = chosen(Ringing(C, Available()), "break")
    assert condition(state) == "ringing"
    assert not takes_calls(state)


@pytest.mark.parametrize(
    ("state", "use", "until", "after"),
    [
        (Available(), Alerting(C), None, Ringing(C, Available())),
        (Ringing(C, Available()), InCall(C, False), None, Talking(C, Available(), False)),
        (Ringing(C, Available()), Idle(), None, Available()),
        (Talking(C, Available(), False), Idle(), 30.0, WrapUp(C, 30.0)),
        (Talking(C, Available(), False), Idle(), None, Available()),
        (Talking(C, Paused("break"), True), Idle(), None, Paused("break")),
        (Talking(C, Paused("break"), False), Idle(), 30.0, Paused("break")),
        (Talking(C, WrapUp(None, None), True), Idle(), 30.0, WrapUp(None, None)),
        (Talking(C, WrapUp(D, 5.0), False), Idle(), 30.0, WrapUp(C, 30.0)),
        (Talking(C, LoggedOff(), False), Idle(), 30.0, LoggedOff()),
        (Talking(C, WrapUp(D, 5.0), False), Idle(), None, Available()),
        (Talking(C, Available(), False), Alerting(D), None, Ringing(D, Available())),
        (Talking(C, Available(), False), Alerting(D), 30.0, Ringing(D, WrapUp(C, 30.0))),
        (Talking(C, Available(), False, "break"), Alerting(D), 30.0, Ringing(D, Paused("break"))),
        (Talking(C, Available(), False), InCall(D, False), None, Talking(D, Available(), False)),
        (Paused("away"), Idle(), 30.0, Paused("away")),
    ],
)
def test_what_the_phone_does(state: AgentState, use: PhoneUse, until: float | None, after: AgentState) -> None:
    assert phone(state, use, until) == after


def test_wrap_up_ends_at_its_time_and_not_before() -> None:
    assert expired(WrapUp(C, 10.0), 9.99) == WrapUp(C, 10.0)
    assert expired(WrapUp(C, 10.0), 10.0) == Available()
    assert expired(WrapUp(None, None), 1e12) == WrapUp(None, None)
