"""My Account: what a person may change, what is refused and where it is said, secrets shown once."""

import asyncio
import re
from datetime import UTC, datetime

import pytest
from aiohttp import WSMsgType
from msgspec.structs import replace

from pbx_bridge.core.board import AgentRow, TerminalRow
from pbx_bridge.core.commands import ChangeStatus, SignIn, SignOut
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.ids import AgentId
from web.context import WebPorts
from web.pages.account import SECTIONS

from .conftest import Enter
from .sample import PASSWORD
from .twins.live import EngineTwin
from .twins.people import AccountsTwin, AuditTwin

ME = "/api/v1/me"


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("role", ["agent", "supervisor"])
async def test_every_section_opens(section: str, role: str, enter: Enter) -> None:
    visitor = await enter(role)
    answer = await visitor.client.get(f"/me/{section}")
    assert answer.status == 200
    assert "Undefined" not in await answer.text()


async def test_who_is_signed_out_sees_how_the_usual_phone_is(enter: Enter, twins: WebPorts) -> None:
    engine, visitor = twins.engine, await enter("agent")
    assert isinstance(engine, EngineTwin)
    row = engine.rows["agent", "1"]
    assert isinstance(row, AgentRow)
    engine.change("agent", replace(row, condition="logged_off", extension="", reachable=True))
    for reachable, said in ((True, "登録済み"), (False, "未登録")):
        engine.change("terminal", TerminalRow("1", "1001", reachable))
        assert f'class="own-phone">{said}<' in await (await visitor.client.get("/me/agent")).text()


async def test_who_am_i(enter: Enter) -> None:
    body = await (await (await enter("agent")).client.get(ME)).json()
    assert (body["account"]["login"], body["agent"]["extension"]) == ("agent01@example.jp", "1001")
    assert "hash" not in str(body)


async def test_language_and_seat_are_kept(enter: Enter) -> None:
    visitor = await enter("agent")
    answer = await visitor.client.patch(ME, json={"language": "en", "seat": "B-2"}, headers=visitor.headers)
    body = await answer.json()
    assert (body["language"], body["seat"], body["name"]) == ("en", "B-2", "佐藤 美咲")
    assert '<html lang="en"' in await (await visitor.client.get("/me")).text()


@pytest.mark.parametrize(
    "patch", [{"name": ""}, {"name": "x" * 61}, {"language": "fr"}, {"seat": "<b>"}, {"role": "x"}]
)
async def test_a_wrong_field_is_named(patch: dict[str, str], enter: Enter) -> None:
    visitor = await enter("agent")
    answer = await visitor.client.patch(ME, json=patch, headers=visitor.headers)
    assert (answer.status, (await answer.json())["type"]) == (400, "urn:pbx-bridge:problem:invalid")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"status": 1}', b'{"status": "x", "more": 1}'])
async def test_garbage_is_a_problem_not_an_error(body: bytes, enter: Enter) -> None:
    visitor = await enter("agent")
    headers = {**visitor.headers, "Content-Type": "application/json"}
    answer = await visitor.client.put(f"{ME}/status", data=body, headers=headers)
    assert (answer.status, (await answer.json())["type"]) == (400, "urn:pbx-bridge:problem:invalid")


@pytest.mark.parametrize(("type_", "status"), [("text/plain", 415), ("application/x-www-form-urlencoded", 415),
                                               ("application/json; charset=utf-8", 200)])  # fmt: skip
async def test_a_body_says_that_it_is_json(type_: str, status: int, enter: Enter) -> None:
    visitor = await enter("agent")
    headers = {**visitor.headers, "Content-Type": type_}
    answer = await visitor.client.put(f"{ME}/status", data=b'{"status": "break"}', headers=headers)
    assert answer.status == status, await answer.text()
    if status == 415:
        assert (await answer.json())["type"] == "urn:pbx-bridge:problem:unsupported-media-type"


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"name": 5}, "name", "文字列にしてください"),
        ({"name": ""}, "name", "1 文字以上にしてください"),
        ({"name": "x" * 61}, "name", "60 文字までにしてください"),
        ({"nmae": "x"}, "nmae", "そのような項目または値はありません"),
        ({"language": "fr"}, "language", "そのような項目または値はありません"),
        ({"seat": "<b>"}, "seat", "使えない文字が含まれています"),
        ({"name": "a\0b"}, "body", "使えない文字が含まれています"),
        ([], "body", "オブジェクトにしてください"),
    ],
)
async def test_what_is_wrong_is_a_sentence_at_its_field(body: object, field: str, said: str, enter: Enter) -> None:
    visitor = await enter("agent")
    answer = await visitor.client.patch(ME, json=body, headers={**visitor.headers, "Accept-Language": "ja"})
    problem = await answer.json()
    assert (answer.status, problem["title"]) == (400, "入力内容を確認してください")
    assert [(error["field"], error["message"]) for error in problem["errors"]] == [(field, said)]
    english = await visitor.client.patch(ME, json=body, headers=visitor.headers)
    text = await english.text()
    assert "`" not in text
    assert (await english.json())["title"] == "Please check what you entered"


async def test_a_new_password_needs_the_old_one_and_some_length(enter: Enter, twins: WebPorts) -> None:
    visitor = await enter("agent")
    refused = [
        ({"current": "wrong", "new": "four plain words here"}, "current"),
        ({"current": PASSWORD, "new": "short"}, "new"),
        ({"current": PASSWORD, "new": "aaaaaaaaaaaaaaaa"}, "new"),
        ({"current": PASSWORD, "new": "agent01 agent01 x"}, "new"),
    ]
    for body, field in refused:
        answer = await visitor.client.put(f"{ME}/password", json=body, headers=visitor.headers)
        assert [error["field"] for error in (await answer.json())["errors"]] == [field]
    good = {"current": PASSWORD, "new": "four plain words here"}
    assert (await visitor.client.put(f"{ME}/password", json=good, headers=visitor.headers)).status == 204
    assert isinstance(twins.accounts, AccountsTwin)
    assert twins.accounts.secrets[AgentId(1)].hash == "plain:four plain words here"


async def test_a_password_that_is_due_is_said_on_every_page_and_comes_first(enter: Enter, twins: WebPorts) -> None:
    visitor = await enter("supervisor")
    assert "期限が切れています" not in await (await visitor.client.get("/monitor")).text()
    assert isinstance(twins.accounts, AccountsTwin)
    secret = twins.accounts.secrets[AgentId(101)]
    chosen_by_another = replace(secret.account, password_changed_at=datetime.fromtimestamp(0, UTC))
    twins.accounts.secrets[AgentId(101)] = replace(secret, account=chosen_by_another)
    assert "期限が切れています" in await (await visitor.client.get("/monitor")).text()
    assert (await visitor.client.get("/", allow_redirects=False)).headers["Location"] == "/me"


async def test_the_password_form_says_what_is_wrong_at_the_field(enter: Enter) -> None:
    visitor = await enter("agent")
    form = {"current": PASSWORD, "new": "four plain words here", "again": "three plain words", "csrf": visitor.csrf}
    text = await (await visitor.client.post("/me/password", data=form)).text()
    assert 'id="error-again"' in text
    assert "plain words" not in text


async def test_the_card_of_codes_is_on_the_agents_page(enter: Enter) -> None:
    agent, supervisor = await enter("agent"), await enter("supervisor")
    page = await (await agent.client.get("/me/dial")).text()
    for code in ("0010", "0015", "0021", "0074", "*3", "##", "*2"):
        assert f">{code}</td>" in page
    assert ">0071</td>" not in page
    assert "<table" not in await (await supervisor.client.get("/me/dial")).text(), "who takes no calls dials no codes"


@pytest.mark.parametrize("password", ["12345", "123456", "987654", "111111", "505001", "001001", "12a456", "1" * 17])
async def test_a_weak_dial_password_is_refused(password: str, enter: Enter) -> None:
    visitor = await enter("agent")
    body = {"current": PASSWORD, "password": {"505001": "55001500", "001001": "22100199"}.get(password, password)}
    answer = await visitor.client.put(f"{ME}/dial-operation", json=body, headers=visitor.headers)
    assert [error["field"] for error in (await answer.json())["errors"]] == ["password"]


async def test_a_dial_password_is_shown_once_and_kept_as_a_hash(enter: Enter, twins: WebPorts) -> None:
    visitor = await enter("agent")
    text = await (await visitor.client.post("/me/dial", data={"current": PASSWORD, "csrf": visitor.csrf})).text()
    shown = re.findall(r'<code class="number">(\d+)</code>', text)
    assert shown[0] == "5001"
    assert re.fullmatch(r"\d{8}", shown[1])
    assert isinstance(twins.accounts, AccountsTwin)
    assert list(twins.accounts.dial_hashes.values()) == ["plain:" + shown[1]]
    assert shown[1] not in await (await visitor.client.get("/me/dial")).text()
    assert isinstance(twins.audit, AuditTwin)
    assert [row.act for row in twins.audit.rows] == ["account.dial_operation"]
    assert shown[1] not in repr(twins.audit.rows)


async def test_status_changes_are_commands_that_name_their_source(enter: Enter, twins: WebPorts) -> None:
    agent, supervisor = await enter("agent"), await enter("supervisor")
    await agent.client.put(f"{ME}/status", json={"status": "break"}, headers=agent.headers)
    await supervisor.client.put("/api/v1/agents/2/status", json={"status": "away"}, headers=supervisor.headers)
    await supervisor.client.put("/api/v1/agents/2/status", json={"status": "logged_off"}, headers=supervisor.headers)
    assert isinstance(twins.engine, EngineTwin)
    first, second, third = twins.engine.submitted
    assert first == ChangeStatus(AgentId(1), "break", "web")
    assert second == ChangeStatus(AgentId(2), "away", "supervisor")
    assert third == SignOut(AgentId(2), "supervisor")


async def test_from_logged_off_one_signs_in_at_the_usual_terminal(enter: Enter, twins: WebPorts) -> None:
    engine, visitor = twins.engine, await enter("agent")
    assert isinstance(engine, EngineTwin)
    await visitor.client.put(f"{ME}/status", json={"status": "logged_off"}, headers=visitor.headers)
    await visitor.client.put(f"{ME}/status", json={"status": "break"}, headers=visitor.headers)
    assert [type(command) for command in engine.submitted] == [SignOut, SignIn, ChangeStatus]
    engine.change("terminal", TerminalRow("1", "1001", False))
    await visitor.client.put(f"{ME}/status", json={"status": "logged_off"}, headers=visitor.headers)
    answer = await visitor.client.put(f"{ME}/status", json={"status": "available"}, headers=visitor.headers)
    assert (answer.status, (await answer.json())["type"]) == (409, "urn:pbx-bridge:problem:terminal-not-registered")


@pytest.mark.parametrize(
    ("path", "status", "code", "kind"),
    [
        (f"{ME}/status", "holiday", 422, "unknown-status"),
        ("/api/v1/agents/999/status", "break", 404, "unknown-agent"),
        ("/api/v1/agents/x/status", "break", 404, "unknown-agent"),
        (f"{ME}/status", "break", 409, "not-an-agent"),
    ],
)
async def test_refusals_have_stable_types(path: str, status: str, code: int, kind: str, enter: Enter) -> None:
    visitor = await enter("supervisor")
    answer = await visitor.client.put(path, json={"status": status}, headers=visitor.headers)
    assert (answer.status, (await answer.json())["type"]) == (code, f"urn:pbx-bridge:problem:{kind}")


async def test_what_the_switchboard_refuses_is_said_on_the_page(enter: Enter, twins: WebPorts) -> None:
    assert isinstance(twins.engine, EngineTwin)
    twins.engine.refuses = Refused("call-in-progress")
    visitor = await enter("agent")
    answer = await visitor.client.post("/me/status", data={"status": "break", "csrf": visitor.csrf})
    assert answer.status == 409
    assert "通話中のためできません" in await answer.text()


async def test_a_new_password_ends_the_other_sessions_and_their_live_pages(enter: Enter) -> None:
    here, there, other = await enter("agent"), await enter("agent"), await enter("supervisor")
    socket = await there.client.ws_connect("/api/v1/live", headers={"Origin": str(there.client.make_url("/"))[:-1]})
    await socket.receive_json()
    body = {"current": PASSWORD, "new": "four plain words here"}
    assert (await here.client.put(f"{ME}/password", json=body, headers=here.headers)).status == 204
    async with asyncio.timeout(5):
        while (await socket.receive()).type is WSMsgType.TEXT:
            pass
    assert socket.close_code == 4401
    assert (await there.client.get(ME)).status == 401
    assert (await here.client.get(ME)).status == 200
    assert (await other.client.get(ME)).status == 200
