"""Histories: filters, pages, CSV that no spreadsheet runs, and who sees whose."""

import csv
import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pbx_bridge.core.facts import Direction
from pbx_bridge.core.ids import CallId
from pbx_bridge.ports.history import CallRecord, CdrRecord
from web.answers import FORMULA, cell
from web.assets import Assets
from web.context import WebPorts, WebSettings
from web.pages.frame import environment
from web.periods import moment
from web.problems import Problem

from .conftest import Enter
from .twins.calls import HistoriesTwin

TOKYO = ZoneInfo("Asia/Tokyo")
INVALID = "urn:pbx-bridge:problem:invalid"


async def test_pages_lead_to_the_last_row_and_back(enter: Enter) -> None:
    visitor = await enter("supervisor")
    seen: list[str] = []
    cursor, newest = None, None
    while True:
        query = {"limit": "50"} | ({"cursor": cursor} if cursor else {})
        page = await (await visitor.client.get("/api/v1/calls", params=query)).json()
        newest = newest or page
        seen += [row["id"] for row in page["rows"]]
        cursor = page["older"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 120
    back = await (await visitor.client.get("/api/v1/calls", params={"cursor": page["newer"]})).json()
    assert back["rows"] != page["rows"]


async def test_an_agent_gets_the_own_calls_whatever_is_asked(enter: Enter, twins: WebPorts) -> None:
    visitor = await enter("agent")
    for query in ({}, {"agent": "2"}):
        page = await (await visitor.client.get("/api/v1/calls", params=query)).json()
        assert {row["agent_id"] for row in page["rows"]} == {"1"}
    assert isinstance(twins.histories, HistoriesTwin)
    foreign = next(id for id, story in twins.histories.stories.items() if story.call.agent_id not in (None, 1))
    for path in ("", "/recording", "/peaks"):
        answer = await visitor.client.get(f"/api/v1/calls/{foreign}{path}")
        assert (answer.status, (await answer.json())["type"]) == (404, "urn:pbx-bridge:problem:unknown-call")


async def test_a_filter_that_does_not_exist_is_refused_not_ignored(enter: Enter) -> None:
    visitor = await enter("supervisor")
    answer = await visitor.client.get("/api/v1/calls", params={"agnet": "1"})
    body = await answer.json()
    assert (answer.status, body["type"]) == (400, INVALID)
    assert [(error["field"], error["reason"]) for error in body["errors"]] == [("agnet", "unknown")]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-11-22T10:00:00+09:00", "to": "2026-11-22T00:00:00+09:00"}, "to"),
        ({"limit": "0"}, "limit"),
        ({"limit": "5000"}, "limit"),
        ({"result": "maybe"}, "result"),
        ({"number": "'; drop"}, "number"),
        ({"agent": "x"}, "agent"),
    ],
)
async def test_what_is_wrong_stands_at_its_field(query: dict[str, str], field: str, enter: Enter) -> None:
    visitor = await enter("supervisor")
    answer = await visitor.client.get("/api/v1/calls", params=query)
    body = await answer.json()
    assert (answer.status, answer.content_type, body["type"]) == (400, "application/problem+json", INVALID)
    assert [error["field"] for error in body["errors"]] == [field]


def test_a_day_ends_at_24_00_and_times_without_a_zone_are_the_centers() -> None:
    assert moment("2026-11-22T24:00", "Asia/Tokyo", "to") == datetime(2026, 11, 23, tzinfo=TOKYO)
    assert moment("2026-11-22", "Asia/Tokyo", "to") == datetime(2026, 11, 22, tzinfo=TOKYO)
    assert moment("2026-11-22T10:00 09:00", "UTC", "to") == datetime(2026, 11, 22, 10, tzinfo=TOKYO)
    assert moment("2026-11-22T01:00:00Z", "Asia/Tokyo", "to") == datetime(2026, 11, 22, 1, tzinfo=UTC)
    assert moment("", "UTC", "to") is None
    with pytest.raises(Problem):
        moment("9999-12-31T24:00", "UTC", "to")


async def test_csv_by_accept_is_the_whole_history(enter: Enter) -> None:
    visitor = await enter("supervisor")
    answer = await visitor.client.get("/api/v1/calls", headers={"Accept": "text/csv"})
    raw = await answer.read()
    assert answer.content_type == "text/csv"
    assert raw.startswith("\ufeff".encode())
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert len(rows) == 120
    assert rows[0]["id"] == "0demo0call00"
    assert rows[0]["started_at"].endswith("+09:00")
    assert 'attachment; filename="calls.csv"' in answer.headers["Content-Disposition"]


async def test_no_cell_of_a_csv_is_a_formula(enter: Enter, twins: WebPorts) -> None:
    assert isinstance(twins.histories, HistoriesTwin)
    evil = '=HYPERLINK("http://evil.example","click")'
    story = twins.histories.stories[next(iter(twins.histories.stories))]
    twins.histories.stories[story.call.id] = replace(story, call=replace(story.call, memo=evil, from_number="+8190"))
    now = datetime.now(UTC)
    twins.histories.cdrs = [
        CdrRecord("1", now, None, now, "@SUM(1)", "-1+1", "-1+1", "\tx", "", "", 0, 0, "ANSWERED", "1.1", "1.1")
    ]
    visitor = await enter("supervisor")
    for path in ("/api/v1/calls", "/api/v1/cdr"):
        text = (await (await visitor.client.get(path, headers={"Accept": "text/csv"})).read()).decode("utf-8-sig")
        for row in list(csv.reader(io.StringIO(text)))[1:]:
            assert not [value for value in row if value.startswith(FORMULA)]


@pytest.mark.parametrize("disposition", ["ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION"])
async def test_a_disposition_is_a_word_and_asterisks_own_its_title(
    disposition: str, enter: Enter, twins: WebPorts
) -> None:
    assert isinstance(twins.histories, HistoriesTwin)
    now = datetime.now(UTC)
    twins.histories.cdrs = [
        CdrRecord("1", now, None, now, "1", "2", "2", "a", "b", "c", 0, 0, disposition, "1.1", "1.1")
    ]
    page = await (await (await enter("supervisor")).client.get("/records/cdr")).text()
    assert f'title="{disposition}"' in page
    assert f">{disposition}<" not in page


@given(st.text(max_size=40))
def test_a_cell_never_begins_as_a_formula(text: str) -> None:
    assert not cell(text, TOKYO).startswith(FORMULA)
    assert cell(text, TOKYO).endswith(text)


async def test_the_page_shows_filters_as_links_that_remove_them(enter: Enter) -> None:
    visitor = await enter("supervisor")
    text = await (await visitor.client.get("/calls?result=answered&direction=inbound")).text()
    assert 'href="/calls?direction=inbound"' in text
    assert 'href="/calls?result=answered"' in text
    assert 'href="/calls.csv?direction=inbound&amp;result=answered"' in text


async def test_the_page_keeps_a_wrong_filter_and_says_so_at_the_field(enter: Enter) -> None:
    visitor = await enter("supervisor")
    answer = await visitor.client.get("/calls?from=nonsense")
    assert answer.status == 400
    assert 'id="error-from"' in await answer.text()


async def test_the_csv_link_needs_no_accept_header(enter: Enter) -> None:
    visitor = await enter("agent")
    answer = await visitor.client.get("/calls.csv?result=answered")
    rows = list(csv.DictReader(io.StringIO((await answer.read()).decode("utf-8-sig"))))
    assert {row["agent_id"] for row in rows} == {"1"}


async def test_a_memo_is_saved_and_said_to_be(enter: Enter) -> None:
    visitor = await enter("agent")
    form = {"memo": "かけ直し <b>15時</b>", "csrf": visitor.csrf}
    text = await (await visitor.client.post("/calls/0demo0call00/memo", data=form)).text()
    assert "かけ直し &lt;b&gt;15時&lt;/b&gt;" in text
    assert 'class="saved"' in text


@pytest.mark.parametrize("kind", ["cdr", "activity", "logins"])
async def test_records_are_pages_and_csv(kind: str, enter: Enter) -> None:
    visitor = await enter("supervisor")
    assert (await visitor.client.get(f"/records/{kind}?from=2026-11-01&to=2026-12-01")).status == 200
    wrong = await visitor.client.get(f"/records/{kind}?from=nonsense")
    assert (wrong.status, 'id="error-from"' in await wrong.text()) == (400, True)
    assert (await visitor.client.get(f"/records/{kind}/csv")).content_type == "text/csv"
    assert (await visitor.client.get("/records/other")).status == 404


@pytest.mark.parametrize(
    ("direction", "center", "word"),
    [("inbound", "Support", "waiting"), ("inbound", None, "ringing"), ("outbound", "Support", "ringing")],
)
def test_a_caller_in_a_center_waits_before_anybody_rings(direction: Direction, center: str | None, word: str) -> None:
    call = CallRecord(
        CallId("c"), direction, "1", "2", datetime.now(UTC), None, None, None, None, None, center, None, None, None, "",
        False,
    )  # fmt: skip
    page = environment(Assets(WebSettings().static)).from_string(
        "{% import 'parts.html' as p %}{{ p.result(call, t) }}"
    )
    assert f">result.{word}<" in page.render(call=call, t=str)
