"""The callback list over HTTP: whose it is, who has one in hand, and what the trail keeps."""

import pytest

from pbx_bridge.core.commands import PlaceCall
from pbx_bridge.core.errors import Refused
from web.context import WebPorts

from .conftest import Enter
from .twins.centers import CallbacksTwin
from .twins.live import engine_of
from .twins.people import AuditTwin

API = "/api/v1/callbacks"


async def test_a_supervisor_sees_all_and_an_agent_the_own_centers(enter: Enter, twins: WebPorts) -> None:
    assert isinstance(twins.callbacks, CallbacksTwin)
    seen = {}
    for role in ("supervisor", "agent"):
        visitor = await enter(role)
        body = await (await visitor.client.get(API, params={"state": "all"})).json()
        seen[role] = {row["center"] for row in body["rows"]}
    assert seen == {"supervisor": {"1", "2", "3"}, "agent": {"1", "2"}}
    foreign = next(row for row in twins.callbacks.rows.values() if row.center == 3)
    answer = await visitor.client.patch(f"{API}/{foreign.id}", json={"state": "done"}, headers=visitor.headers)
    assert answer.status == 404


async def test_unfinished_is_what_is_shown_unless_asked_otherwise(enter: Enter) -> None:
    visitor = await enter("supervisor")
    for query, states in (({}, {"open", "in_progress"}), ({"state": "done"}, {"done"})):
        body = await (await visitor.client.get(API, params=query)).json()
        assert {row["state"] for row in body["rows"]} == states
    for wrong in ({"state": "lost"}, {"limit": "0"}, {"center": "x"}, {"cursor": "x"}):
        answer = await visitor.client.get(API, params=wrong)
        assert (answer.status, (await answer.json())["type"]) == (400, "urn:pbx-bridge:problem:invalid")


async def test_taken_in_hand_finished_and_put_back_with_a_trail(enter: Enter, twins: WebPorts) -> None:
    visitor = await enter("agent")
    for state in ("in_progress", "done", "open"):
        patch = {"state": state, "memo": "昼に"}
        answer = await visitor.client.patch(f"{API}/1", json=patch, headers=visitor.headers)
        body = await answer.json()
        assert (answer.status, body["state"], body["memo"]) == (200, state, "昼に")
        assert body["agent"] == (None if state == "open" else "1")
    assert isinstance(twins.audit, AuditTwin)
    assert [row.act for row in twins.audit.rows[:3]] == ["callback.reopen", "callback.done", "callback.take"]


async def test_what_a_colleague_has_in_hand_is_theirs_but_a_supervisor_may(enter: Enter) -> None:
    agent, supervisor = await enter("agent"), await enter("supervisor")
    answer = await agent.client.patch(f"{API}/4", json={"state": "done"}, headers=agent.headers)
    assert (answer.status, (await answer.json())["type"]) == (409, "urn:pbx-bridge:problem:callback-taken")
    answer = await supervisor.client.patch(f"{API}/4", json={"state": "open"}, headers=supervisor.headers)
    assert answer.status == 200


@pytest.mark.parametrize(
    "body", [{}, {"state": "lost"}, {"state": "done", "memo": "x" * 2001}, {"state": "done", "x": 1}]
)
async def test_a_change_that_is_none_is_refused_at_its_field(enter: Enter, body: dict[str, object]) -> None:
    visitor = await enter("agent")
    assert (await visitor.client.patch(f"{API}/1", json=body, headers=visitor.headers)).status == 400


async def test_dialing_takes_it_in_hand_and_rings_the_own_terminal(enter: Enter, twins: WebPorts) -> None:
    visitor = await enter("agent")
    answer = await visitor.client.post(f"{API}/1/dial", headers=visitor.headers)
    assert answer.status == 204
    row = await (await visitor.client.get(f"{API}/1")).json()
    assert (row["state"], row["agent"]) == ("in_progress", "1")
    (asked,) = engine_of(twins).submitted
    assert isinstance(asked, PlaceCall)
    assert (asked.agent, asked.number, asked.reason, str(asked.center)) == (1, row["number"], "callback", row["center"])
    taken = await visitor.client.post(f"{API}/4/dial", headers=visitor.headers)
    assert (taken.status, (await taken.json())["type"]) == (409, "urn:pbx-bridge:problem:callback-taken")
    engine_of(twins).refuses = Refused("call-in-progress", "1001")
    form = {"csrf": visitor.csrf, "state": "dial", "memo": "昼に", "shown_state": "unfinished", "shown_center": ""}
    refused = await visitor.client.post("/callbacks/1", data=form)
    assert refused.status == 409
    assert "昼に" in await (await visitor.client.get("/callbacks?state=in_progress")).text(), "the memo is not lost"
    engine_of(twins).refuses = None
    dialed = await (await visitor.client.post("/callbacks/1", data=form)).text()
    assert "お使いの電話が鳴ります" in dialed


async def test_the_page_takes_one_without_script_and_offers_the_number_to_dial(enter: Enter) -> None:
    visitor = await enter("agent")
    form = {"csrf": visitor.csrf, "state": "in_progress", "memo": "", "shown_state": "open", "shown_center": ""}
    answer = await visitor.client.post("/callbacks/1", data=form, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/callbacks?saved=callback-1&state=open")
    page = await (await visitor.client.get("/callbacks")).text()
    assert 'name="state" value="dial"' in page
    lost = await visitor.client.post("/callbacks/4", data=form | {"state": "done"})
    assert lost.status == 409
    assert "ほかの方が対応中" in await lost.text()
