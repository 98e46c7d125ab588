"""Archives of recordings: by ids or by filter, followed and taken by who asked."""

import pytest

from web.context import WebPorts

from .conftest import Enter
from .twins.calls import ExportsTwin, HistoriesTwin
from .twins.people import AuditTwin

EXPORTS = "/api/v1/exports"


def own_and_others(twins: WebPorts) -> tuple[list[str], list[str]]:
    assert isinstance(twins.histories, HistoriesTwin)
    recorded = [story.call for story in twins.histories.stories.values() if story.call.has_recording]
    return [call.id for call in recorded if call.agent_id == 1], [call.id for call in recorded if call.agent_id != 1]


async def test_a_filter_orders_what_it_matches(enter: Enter, twins: WebPorts) -> None:
    visitor = await enter("supervisor")
    answer = await visitor.client.post(EXPORTS, json={"filter": {"agent": 1}}, headers=visitor.headers)
    assert answer.status == 202
    export = await answer.json()
    assert (export["state"], answer.headers["Location"]) == ("waiting", f"{EXPORTS}/{export['id']}")
    assert isinstance(twins.exports, ExportsTwin)
    assert sorted(twins.exports.calls[export["id"]]) == sorted(own_and_others(twins)[0])


async def test_it_is_taken_when_it_is_ready_and_that_is_audited(enter: Enter, twins: WebPorts) -> None:
    visitor, (own, _) = await enter("agent"), own_and_others(twins)
    answer = await visitor.client.post(EXPORTS, json={"calls": own}, headers=visitor.headers)
    path = answer.headers["Location"]
    assert (await visitor.client.get(path + "/file")).status == 404
    assert isinstance(twins.exports, ExportsTwin)
    twins.exports.finish((await answer.json())["id"])
    taken = await visitor.client.get(path + "/file")
    assert (taken.content_type, await taken.read()) == ("application/zip", b"PK\x05\x06!")
    assert taken.headers["Content-Disposition"].endswith('.zip"')
    part = await visitor.client.get(path + "/file", headers={"Range": "bytes=2-"})
    assert (part.status, await part.read()) == (206, b"\x05\x06!")
    assert isinstance(twins.audit, AuditTwin)
    assert [row.act for row in twins.audit.rows] == ["recording.export_download"]


async def test_an_agent_exports_own_calls_only_and_sees_own_exports_only(enter: Enter, twins: WebPorts) -> None:
    visitor, (own, others) = await enter("agent"), own_and_others(twins)
    answer = await visitor.client.post(EXPORTS, json={"calls": [own[0], others[0]]}, headers=visitor.headers)
    assert (answer.status, (await answer.json())["type"]) == (404, "urn:pbx-bridge:problem:unknown-call")
    answer = await visitor.client.post(EXPORTS, json={"filter": {"agent": 2}}, headers=visitor.headers)
    assert isinstance(twins.exports, ExportsTwin)
    assert set(twins.exports.calls["export0"]) == set(own)
    path = answer.headers["Location"]
    assert (await (await enter("supervisor")).client.get(path)).status == 404
    assert (await (await enter("administrator")).client.get(path)).status == 200


@pytest.mark.parametrize(
    "body",
    [{}, {"calls": []}, {"calls": ["short"]}, {"calls": ["0demo0call00"], "filter": {}}, {"filter": {"agent": 7000}},
     {"filter": {"min_talk_share": 2}}, {"calls": "0demo0call00"}],
)  # fmt: skip
async def test_what_cannot_be_exported_is_refused(body: dict[str, object], enter: Enter) -> None:
    visitor = await enter("supervisor")
    answer = await visitor.client.post(EXPORTS, json=body, headers=visitor.headers)
    assert (answer.status, (await answer.json())["type"]) == (400, "urn:pbx-bridge:problem:invalid")


async def test_the_page_follows_by_itself_and_then_offers_the_archive(enter: Enter, twins: WebPorts) -> None:
    visitor = await enter("supervisor")
    page = await visitor.client.post("/calls/export?agent=1", data={"csrf": visitor.csrf})
    assert page.url.path == "/exports/export0"
    assert page.headers["Refresh"] == "2"
    assert isinstance(twins.exports, ExportsTwin)
    twins.exports.finish("export0")
    page = await visitor.client.get("/exports/export0")
    assert "Refresh" not in page.headers
    assert "/api/v1/exports/export0/file" in await page.text()
    nothing = await visitor.client.post("/calls/export?agent=7000", data={"csrf": visitor.csrf})
    assert nothing.status == 400
    assert "書き出せる録音がありません" in await nothing.text()


async def test_shares_are_filters_that_say_percent(enter: Enter) -> None:
    visitor = await enter("supervisor")
    text = await (await visitor.client.get("/calls?min_talk_share=0.4&max_silence_share=0.5")).text()
    assert "40%" in text
    assert "エージェント発話率以上" in text
    wrong = await visitor.client.get("/calls?min_talk_share=40")
    assert wrong.status == 400
