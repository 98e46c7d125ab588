"""Marks over HTTP: whoever may change the call may mark its recording."""

import pytest

from web.context import WebPorts

from .conftest import Enter
from .twins.calls import HistoriesTwin
from .twins.people import AuditTwin

MARKS = "/api/v1/calls/0demo0call00/marks"


async def test_a_mark_is_made_moved_noted_and_removed(enter: Enter, twins: WebPorts) -> None:
    visitor = await enter("agent")
    made = await visitor.client.post(MARKS, json={"at": 30.25, "note": " 値引きの約束 "}, headers=visitor.headers)
    assert made.status == 201
    id = (await made.json())["id"]
    marks = await (await visitor.client.get(MARKS)).json()
    assert [mark["at"] for mark in marks] == [12.5, 30.25, 70.25]
    assert (marks[1]["id"], marks[1]["note"], marks[1]["made_by"]) == (id, "値引きの約束", "佐藤 美咲")
    for change in ({"at": 31}, {"note": "取り消し"}):
        assert (await visitor.client.patch(f"{MARKS}/{id}", json=change, headers=visitor.headers)).status == 204
    marks = await (await visitor.client.get(MARKS)).json()
    assert (marks[1]["at"], marks[1]["note"]) == (31.0, "取り消し")
    assert (await visitor.client.delete(f"{MARKS}/{id}", headers=visitor.headers)).status == 204
    assert (await visitor.client.delete(f"{MARKS}/{id}", headers=visitor.headers)).status == 404
    assert isinstance(twins.audit, AuditTwin)
    acts = [row.act for row in twins.audit.rows if row.act.startswith("recording.mark")]
    assert acts == ["recording.mark.remove", "recording.mark.change", "recording.mark.change", "recording.mark"]


@pytest.mark.parametrize("given", [{"at": -1}, {"at": 84.5}, {"at": "x"}, {"note": "x"}, {"at": 1, "note": "x" * 501}])
async def test_what_cannot_be_marked_is_one_problem(given: dict[str, object], enter: Enter) -> None:
    visitor = await enter("agent")
    answer = await visitor.client.post(MARKS, json=given, headers=visitor.headers)
    assert (answer.status, (await answer.json())["type"]) == (400, "urn:pbx-bridge:problem:invalid")
    assert len(await (await visitor.client.get(MARKS)).json()) == 2


async def test_no_agent_marks_or_reads_somebody_elses_call(enter: Enter, twins: WebPorts) -> None:
    visitor = await enter("agent")
    assert isinstance(twins.histories, HistoriesTwin)
    foreign = next(id for id, story in twins.histories.stories.items() if story.call.agent_id not in (None, 1))
    path = f"/api/v1/calls/{foreign}/marks"
    asked = [
        await visitor.client.get(path),
        await visitor.client.post(path, json={"at": 1}, headers=visitor.headers),
        await visitor.client.patch(f"{path}/1", json={"at": 1}, headers=visitor.headers),
        await visitor.client.delete(f"{path}/1", headers=visitor.headers),
    ]
    assert {(answer.status, (await answer.json())["type"]) for answer in asked} == {
        (404, "urn:pbx-bridge:problem:unknown-call")
    }
