"""Redials: moved, given to others, dialed by every rule."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from pbx_bridge.core.commands import PlaceCall
from pbx_bridge.core.directory import Window
from pbx_bridge.core.errors import Refused
from pbx_bridge.ports.redials import Promised
from web.context import WebPorts

from .conftest import Enter
from .twins.campaigns import RedialsTwin
from .twins.live import engine_of

API = "/api/v1/redials"


def promise(twins: WebPorts) -> Promised:
    assert isinstance(twins.redials, RedialsTwin)
    assert twins.redials.told is not None
    return twins.redials.told


async def test_time_memo_and_state_change_and_what_is_not_named_stays(enter: Enter) -> None:
    visitor = await enter("agent")
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    for patch in ({"due_at": later}, {"memo": "朝"}, {"agent": None}, {"state": "done"}):
        answer = await visitor.client.patch(f"{API}/1", json=patch, headers=visitor.headers)
        assert answer.status == 200, await answer.text()
    row = await answer.json()
    assert datetime.fromisoformat(row["due_at"]) == datetime.fromisoformat(later)
    assert (row["memo"], row["agent"], row["state"]) == ("朝", None, "done")
    for wrong in ({"due_at": "2026-01-01T00:00:00"}, {"state": "x"}, {"due": later}, {"agent": "x"}):
        assert (await visitor.client.patch(f"{API}/1", json=wrong, headers=visitor.headers)).status == 400
    assert (await visitor.client.patch(f"{API}/99", json={"memo": ""}, headers=visitor.headers)).status == 404


async def test_a_promise_is_made_of_a_conversation(enter: Enter, twins: WebPorts) -> None:
    visitor = await enter("agent")
    new = {"response_record": "1", "due_at": "2027-01-05T10:30:00+09:00", "anyone": True, "memo": "夜に"}
    made = await visitor.client.post(API, json=new, headers=visitor.headers)
    assert (made.status, await made.json()) == (201, {"id": "3"})
    assert isinstance(twins.redials, RedialsTwin)
    assert (twins.redials.rows["3"].agent, twins.redials.rows["3"].memo) == (None, "夜に")
    foreign = await visitor.client.post(API, json=new | {"response_record": "99"}, headers=visitor.headers)
    assert foreign.status == 404
    form = {
        "csrf": visitor.csrf,
        "section": "unsaved",
        "disposition": "不在",
        "memo": "",
        "redial_at": "2027-01-06T09:00",
    }
    saved = await visitor.client.post("/me/responses/2", data=form, allow_redirects=False)
    assert saved.status == 303
    assert twins.redials.rows["4"].due_at == datetime(2027, 1, 6, tzinfo=UTC)
    assert twins.redials.rows["4"].agent == 1


async def test_only_a_supervisor_gives_it_to_somebody_else(enter: Enter) -> None:
    agent, supervisor = await enter("agent"), await enter("supervisor")
    answer = await agent.client.patch(f"{API}/2", json={"agent": "3"}, headers=agent.headers)
    assert (answer.status, (await answer.json())["type"]) == (403, "urn:pbx-bridge:problem:not-permitted")
    answer = await supervisor.client.patch(f"{API}/2", json={"agent": "3"}, headers=supervisor.headers)
    assert (answer.status, (await answer.json())["agent"]) == (200, "3")
    answer = await supervisor.client.patch(f"{API}/2", json={"agent": "102"}, headers=supervisor.headers)
    assert (answer.status, (await answer.json())["type"]) == (404, "urn:pbx-bridge:problem:unknown-agent")
    rows = await (await supervisor.client.get(API, params={"agent": "3"})).json()
    assert [row["id"] for row in rows] == ["2"]


async def test_dialing_is_the_campaigns_attempt(enter: Enter, twins: WebPorts) -> None:
    visitor = await enter("agent")
    assert (await visitor.client.post(f"{API}/1/dial", headers=visitor.headers)).status == 204
    (asked,) = engine_of(twins).submitted
    assert isinstance(asked, PlaceCall)
    assert (asked.agent, asked.number, asked.reason, asked.job) == (1, "+819012345678", "redial", 1)
    assert asked.lead == promise(twins).lead


NEVER = Window(weekdays=frozenset())


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ({"forbidden": True}, "do-not-call"),
        ({"resting": True}, "dialed-enough"),
        ({"max_per_day": 0}, "dialed-enough"),
        ({"dialing": True}, "being-dialed"),
        ({"window": NEVER}, "outside-window"),
        (None, "unknown-job"),
    ],
)
async def test_no_rule_is_broken_by_hand(
    rule: dict[str, object] | None, kind: str, enter: Enter, twins: WebPorts
) -> None:
    visitor = await enter("agent")
    assert isinstance(twins.redials, RedialsTwin)
    twins.redials.told = None if rule is None else replace(promise(twins), **rule)
    answer = await visitor.client.post(f"{API}/1/dial", headers=visitor.headers)
    assert (await answer.json())["type"] == f"urn:pbx-bridge:problem:{kind}"
    assert engine_of(twins).submitted == []


async def test_the_section_moves_and_dials_without_script(enter: Enter, twins: WebPorts) -> None:
    visitor = await enter("agent")
    page = await (await visitor.client.get("/me/redials")).text()
    assert 'name="act" value="dial"' in page
    form = {"csrf": visitor.csrf, "due_at": "2027-01-05T10:30", "memo": "受付へ", "act": "save"}
    saved = await visitor.client.post("/me/redials/1", data=form, allow_redirects=False)
    assert (saved.status, saved.headers["Location"]) == (303, "/me/redials?saved=redial-1")
    assert isinstance(twins.redials, RedialsTwin)
    assert twins.redials.rows["1"].due_at == datetime(2027, 1, 5, 1, 30, tzinfo=UTC)
    dialed = await (await visitor.client.post("/me/redials/1", data=form | {"act": "dial"})).text()
    assert "お使いの電話が鳴ります" in dialed
    engine_of(twins).refuses = Refused("not-signed-in")
    refused = await visitor.client.post("/me/redials/1", data=form | {"act": "dial"})
    assert refused.status == 409
    done = await (await visitor.client.post("/me/redials/1", data=form | {"act": "done"})).text()
    assert "受付へ" not in done
