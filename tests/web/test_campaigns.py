"""Outbound work over HTTP: lists in, jobs started and stopped, conversations written up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_bridge.core.commands import JoinJob, LeaveJob, StartJob, StopJob
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.ids import AgentId, JobId
from web.context import WebPorts
from web.customer_lists import read_leads

from .conftest import Enter
from .twins.live import EngineTwin
from .twins.people import AuditTwin

INVALID = "urn:pbx-bridge:problem:invalid"


async def test_a_customer_list_is_imported_and_its_errors_are_told_by_line(enter: Enter) -> None:
    visitor = await enter("administrator")
    headers = visitor.headers
    campaign = await (await visitor.client.post("/api/v1/campaigns", json={"name": "冬"}, headers=headers)).json()
    path = f"/api/v1/campaigns/{campaign['id']}/batches"
    batch = await (await visitor.client.post(path, json={"name": "一回目"}, headers=headers)).json()
    text = "電話番号,氏名,会員番号\n09012345678,佐藤,7\n,鈴木,8\nnot a number,高橋,9\n"
    for encoding in ("utf-8", "utf-8-sig", "cp932"):
        answer = await visitor.client.post(
            f"/api/v1/batches/{batch['id']}/leads", data=text.encode(encoding), headers=headers
        )
        report = await answer.json()
        assert (answer.status, report["accepted"]) == (201, 1)
        assert [(error["line"], error["reason"]) for error in report["errors"]] == [(3, "missing"), (4, "not a number")]


def test_columns_that_mean_nothing_to_us_stay_with_the_lead() -> None:
    leads, errors = read_leads(b"Name,NUMBER,city,zone\r\nAda,+44 20,London,Europe/London\r\n")
    assert errors == []
    assert (leads[0].number, leads[0].name, leads[0].zone) == ("+44 20", "Ada", "Europe/London")
    assert (leads[0].fields, leads[0].line) == ({"city": "London"}, 2)


@pytest.mark.parametrize("raw", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00\xff", b'number\n"open'])
async def test_what_is_no_list_is_refused_whole(raw: bytes, enter: Enter) -> None:
    visitor = await enter("administrator")
    answer = await visitor.client.post("/api/v1/batches/batch-1-1/leads", data=raw, headers=visitor.headers)
    assert (answer.status, (await answer.json())["type"]) == (400, INVALID)


@given(st.binary(max_size=400))
def test_any_bytes_are_leads_or_a_value_error(raw: bytes) -> None:
    for head in (b"", b"number,name\n"):
        try:
            leads, errors = read_leads(head + raw)
        except ValueError:
            continue
        assert all(lead.number for lead in leads)
        assert all(error.line > 0 for error in errors)


async def test_jobs_are_started_and_stopped_by_command_with_an_audit_row(enter: Enter, twins: WebPorts) -> None:
    visitor = await enter("supervisor")
    assert (await visitor.client.post("/api/v1/call-jobs/1/start", headers=visitor.headers)).status == 204
    answer = await visitor.client.post("/campaigns/jobs/1/stop", data={"csrf": visitor.csrf}, allow_redirects=False)
    assert answer.headers["Location"] == "/campaigns?saved=job-1"
    assert isinstance(twins.engine, EngineTwin)
    assert [type(command) for command in twins.engine.submitted] == [StartJob, StopJob]
    assert isinstance(twins.audit, AuditTwin)
    assert [row.act for row in twins.audit.rows] == ["job.stop", "job.start"]


@pytest.mark.parametrize("id", ["99", "x", "9" * 30])
async def test_an_unknown_job_is_not_found(id: str, enter: Enter) -> None:
    visitor = await enter("supervisor")
    assert (await visitor.client.post(f"/api/v1/call-jobs/{id}/start", headers=visitor.headers)).status == 404
    assert (await visitor.client.get(f"/api/v1/call-jobs/{id}")).status == 404


async def test_a_job_says_why_it_is_not_dialing(enter: Enter) -> None:
    body = await (await (await enter("supervisor")).client.get("/api/v1/call-jobs/1")).json()
    assert (body["progress"]["leads_left"], body["live"]["limit"], body["live"]["drop_cap"]) == (3120, "risk", 0.03)


async def test_an_agent_sees_the_assigned_jobs_only(enter: Enter, twins: WebPorts) -> None:
    visitor = await enter("agent")
    jobs = await (await visitor.client.get("/api/v1/call-jobs")).json()
    assert all("1" in job["progress"]["members"] for job in jobs)


async def test_a_conversation_is_written_up(enter: Enter) -> None:
    visitor = await enter("agent")
    unsaved = await (await visitor.client.get("/api/v1/response-records", params={"saved": "false"})).json()
    assert {record["saved"] for record in unsaved} == {False}
    path = f"/api/v1/response-records/{unsaved[0]['id']}"
    wrong = await visitor.client.patch(path, json={"disposition": ""}, headers=visitor.headers)
    assert wrong.status == 400
    answer = await visitor.client.patch(path, json={"disposition": "申込", "memo": "x"}, headers=visitor.headers)
    assert answer.status == 204
    left = await (await visitor.client.get("/api/v1/response-records", params={"saved": "false"})).json()
    assert len(left) == len(unsaved) - 1


async def test_the_form_writes_up_too_and_says_so(enter: Enter) -> None:
    visitor = await enter("agent")
    form = {"disposition": "断り", "memo": "", "section": "responses", "csrf": visitor.csrf}
    text = await (await visitor.client.post("/me/responses/1", data=form)).text()
    assert 'value="断り"' in text
    assert 'class="saved"' in text


async def test_an_agent_joins_and_leaves_by_the_form(enter: Enter, twins: WebPorts) -> None:
    visitor, engine = await enter("agent"), twins.engine
    assert isinstance(engine, EngineTwin)
    page = await visitor.client.post("/me/jobs/2", data={"act": "join", "csrf": visitor.csrf})
    assert "待機エージェント" in await page.text()
    await visitor.client.post("/me/jobs/2", data={"act": "leave", "csrf": visitor.csrf})
    assert engine.submitted == [JoinJob(AgentId(1), JobId(2)), LeaveJob(AgentId(1))]
    engine.refuses = Refused("not-signed-in")
    page = await visitor.client.post("/me/jobs/2", data={"act": "join", "csrf": visitor.csrf})
    assert page.status == 409
    assert "ログオフ中です" in await page.text()


async def test_a_job_is_created_with_its_rule(enter: Enter) -> None:
    visitor = await enter("administrator")
    new = {"campaign": "1", "name": "夜", "mode": "progressive", "caller_number": "03-1234-5678", "members": ["1"]}
    made = await visitor.client.post("/api/v1/call-jobs", json=new, headers=visitor.headers)
    assert (made.status, await made.json()) == (201, {"id": "100"})
    broken = {"ring_seconds": 10, "drop_cap": 0.05, "window": {"opens": "20:00:00", "closes": "09:00:00"}}
    answer = await visitor.client.post("/api/v1/call-jobs", json=new | {"rule": broken}, headers=visitor.headers)
    fields = [error["field"] for error in (await answer.json())["errors"]]
    assert (answer.status, fields) == (400, ["rule.ring_seconds", "rule.drop_cap", "rule.window"])
    answer = await visitor.client.post("/api/v1/call-jobs", json=new | {"caller_number": "x"}, headers=visitor.headers)
    assert [error["field"] for error in (await answer.json())["errors"]] == ["caller_number"]
    assert (await (await enter("supervisor")).client.post("/api/v1/call-jobs", json=new)).status == 403


async def test_batches_are_listed(enter: Enter) -> None:
    visitor = await enter("supervisor")
    (batch,) = await (await visitor.client.get("/api/v1/campaigns/1/batches")).json()
    assert (batch["id"], batch["leads"], batch["left"]) == ("1", 5000, 3120)
    assert (await visitor.client.get("/api/v1/campaigns/99/batches")).status == 404
