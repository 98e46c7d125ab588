"""The web on the real ports: PostgreSQL, argon2id, a sealed vault. The engine alone is a twin."""

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from aiohttp import CookieJar
from aiohttp.test_utils import TestClient, TestServer

from pbx_bridge.core.board import AgentRow
from pbx_bridge.core.facts import CallAnswered, CallEnded, CallEvent, CallRecorded, CallStarted
from pbx_bridge.core.ids import AgentId, BootId, CallId, ChannelId, NodeId
from pbx_bridge.ports.recordings import Kept
from pbx_bridge.services.prove import Prover
from pbx_bridge.store.accounts import AccountRows, NewAccount, TerminalRows
from pbx_bridge.store.audit import AuditLog, verify
from pbx_bridge.store.callbacks import CallbackRows
from pbx_bridge.store.campaigns import CampaignRows
from pbx_bridge.store.centers import CenterRows
from pbx_bridge.store.facts import FactWriter
from pbx_bridge.store.history import HistoryRows
from pbx_bridge.store.icons import IconRows
from pbx_bridge.store.lockouts import LockoutRows
from pbx_bridge.store.recording_exports import ExportBook
from pbx_bridge.store.recording_marks import MarkRows
from pbx_bridge.store.recordings import RecordingRows, RetentionRows
from pbx_bridge.store.redials import RedialRows
from pbx_bridge.store.sessions import SessionRows
from recordings.exports import ExportDesk
from recordings.keep import keep
from recordings.library import Library
from recordings.naming import name_of
from recordings.sealed import MasterKeys
from recordings.vault import DirectoryVault
from web.app import build
from web.context import WebPorts, WebSettings

from .conftest import Client, Visitor
from .pictures import GIF, PNG
from .twins.calls import speech
from .twins.live import EngineTwin

if TYPE_CHECKING:
    from pbx_bridge.store.pool import Pool

NODE, BOOT = NodeId("one"), BootId("boot")
PASSWORD = "correct horse battery"
LOGIN = "admin@example.jp"
BEGAN = datetime(2026, 11, 22, 3, 0, tzinfo=UTC).timestamp()
CALLS = 130


@pytest.fixture
async def ports(pool: "Pool", tmp_path: Path) -> AsyncIterator[WebPorts]:
    prover, accounts = Prover(b"pepper"), AccountRows(pool)
    await TerminalRows(pool).create("1001", "secret", "ja")
    hashed = await prover.hash(PASSWORD)
    await accounts.create(NewAccount(LOGIN, "管理者", "administrator", hashed))
    new = NewAccount("agent@example.jp", "佐藤", "agent", hashed, dial_id="4711", dial_hash=hashed, extension="1001")
    agent = await accounts.create(new)
    await _history(pool, agent)
    vault = DirectoryVault(tmp_path / "vault", MasterKeys(bytes(32)))
    await _recording(pool, vault, tmp_path)
    row = AgentRow(str(agent), "佐藤", "agent@example.jp", "available", "available", BEGAN, extension="1001")
    book = ExportBook(pool, NODE)
    yield WebPorts(
        EngineTwin({"agent": [row]}),
        accounts,
        SessionRows(pool),
        LockoutRows(pool),
        HistoryRows(pool),
        CampaignRows(pool),
        AuditLog(pool),
        Library(vault, RecordingRows(pool, NODE).find),
        RetentionRows(pool, NODE),
        MarkRows(pool),
        ExportDesk(vault, book.ask, book.find, book.place),
        IconRows(pool),
        CenterRows(pool),
        CallbackRows(pool),
        RedialRows(pool),
        list,
        prover,
    )
    prover.close()


def call_id(number: int) -> CallId:
    return CallId(f"{number:012}")


async def _history(pool: "Pool", agent: AgentId) -> None:
    writer = FactWriter(pool, NODE)
    for number in range(CALLS):
        id, at = call_id(number), BEGAN + number * 60
        own = agent if number % 2 else None
        await writer.commit(
            [
                CallStarted(id, NODE, BOOT, ChannelId(f"1.{number}"), at, "inbound", f"090{number:08}", "0312345678"),
                CallEvent(id, at + 1, "queued", detail="1"),
                CallRecorded(id, at, f"1.{number}.raw"),
                *([CallAnswered(id, at + 5, own, waited=4.0)] if own else []),
                CallEnded(id, at + 15, "answered" if own else "abandoned"),
            ]
        )


async def _recording(pool: "Pool", vault: DirectoryVault, folder: Path) -> None:
    source, call = folder / "call.raw", call_id(1)
    source.write_bytes(np.ascontiguousarray(speech(10.0, 1)[:, ::-1]).tobytes())
    day = datetime.fromtimestamp(BEGAN, UTC).date()
    done = keep(source, vault, call, day, folder)
    kept = Kept(name_of(call, day, "flac"), done.seconds, done.rate, done.channels, done.bytes, sorted(done.flags))
    await RecordingRows(pool, NODE).kept(call, kept)


@pytest.fixture
async def visitor(ports: WebPorts) -> AsyncIterator[Visitor]:
    client: Client = TestClient(TestServer(build(ports, WebSettings())), cookie_jar=CookieJar(unsafe=True))
    await client.start_server()
    yield Visitor(client, "")
    await client.close()


async def sign_in(visitor: Visitor, login: str = LOGIN, password: str = PASSWORD) -> int:
    answer = await visitor.client.post("/api/v1/session", json={"login": login, "password": password})
    visitor.csrf = (await answer.json()).get("csrf", "")
    return answer.status


async def test_a_session_lives_in_the_database_and_dies_there(visitor: Visitor, pool: "Pool") -> None:
    assert await sign_in(visitor, LOGIN.upper()) == 201
    assert (await visitor.client.get("/api/v1/me")).status == 200
    await pool.execute("DELETE FROM session")
    assert (await visitor.client.get("/api/v1/me")).status == 401


async def test_wrong_tries_are_locked_and_listed(visitor: Visitor) -> None:
    states = [await sign_in(visitor, password="wrong") for _ in range(8)]
    assert states[0] == 401
    assert states[-1] == 429
    assert await sign_in(visitor, "agent@example.jp") == 201
    rows = (await (await visitor.client.get("/api/v1/logins")).json())["rows"]
    assert [(row["account"], row["what"]) for row in rows] == [("agent@example.jp", "signed_in")]


async def test_histories_page_to_the_end_with_the_stores_cursors(visitor: Visitor) -> None:
    await sign_in(visitor)
    seen: list[str] = []
    cursor = ""
    while True:
        page = await (await visitor.client.get("/api/v1/calls", params={"limit": "50", "cursor": cursor})).json()
        seen += [row["id"] for row in page["rows"]]
        cursor = page["older"]
        if cursor is None:
            break
    assert seen == [call_id(number) for number in reversed(range(CALLS))]
    for foreign in ("x", "AAAA", "'; --"):
        answer = await visitor.client.get("/api/v1/calls", params={"cursor": foreign})
        (error,) = (await answer.json())["errors"]
        assert (answer.status, error["field"], error["reason"]) == (400, "cursor", "unknown")
    for path in ("cdr", "agent-activity", "logins", "audit"):
        assert (await visitor.client.get(f"/api/v1/{path}")).status == 200
    text = await (await visitor.client.get("/calls.csv?result=abandoned&from=2026-11-22T12:10")).text()
    assert len(text.splitlines()) == 1 + len([n for n in range(10, CALLS) if not n % 2])


async def test_an_agent_has_the_own_calls_and_not_the_others(visitor: Visitor) -> None:
    await sign_in(visitor, "agent@example.jp")
    rows = (await (await visitor.client.get("/api/v1/calls", params={"limit": "500"})).json())["rows"]
    assert {int(row["id"]) % 2 for row in rows} == {1}
    assert (await visitor.client.get(f"/calls/{call_id(1)}")).status == 200
    assert (await visitor.client.get(f"/calls/{call_id(2)}")).status == 404


async def test_a_sealed_recording_is_heard_cut_and_drawn(visitor: Visitor, pool: "Pool") -> None:
    await sign_in(visitor)
    path = f"/api/v1/calls/{call_id(1)}"
    samples, rate = soundfile.read(
        io.BytesIO(await (await visitor.client.get(f"{path}/recording")).read()), dtype="int16"
    )
    assert (samples == speech(10.0, 1)).all(), "left is the agent, right the other party"
    part = await visitor.client.get(f"{path}/recording", headers={"Range": "bytes=100-299"})
    assert (part.status, len(await part.read())) == (206, 200)
    clip = await visitor.client.get(f"{path}/recording", params={"start": "1.5", "end": "2", "format": "wav"})
    samples, rate = soundfile.read(io.BytesIO(await clip.read()), dtype="int16")
    assert (samples == speech(10.0, 1)[rate * 3 // 2 : rate * 2]).all()
    json = {"Accept": "application/json"}
    answer = await visitor.client.get(f"{path}/peaks", params={"samples_per_pixel": "800"}, headers=json)
    peaks = await answer.json()
    assert (peaks["samples_per_pixel"], peaks["channels"], peaks["length"]) == (800, 2, 100)
    beyond = await visitor.client.get(f"{path}/recording", params={"start": "900"})
    assert beyond.status == 400
    rows = (await (await visitor.client.get("/api/v1/audit")).json())["rows"]
    assert [row["act"] for row in rows] == ["recording.play"] * 2
    assert await verify(pool) is None


async def test_the_call_page_shows_the_story(visitor: Visitor) -> None:
    await sign_in(visitor)
    text = await (await visitor.client.get(f"/calls/{call_id(1)}")).text()
    assert "待ち行列に入りました" in text
    assert '"begins":-5.0,"ends":10.0' in text
    assert '"kind":"talking","start":0.0,"end":10.0' in text


async def test_passwords_change_and_the_new_one_is_proven(visitor: Visitor, pool: "Pool") -> None:
    await sign_in(visitor, "agent@example.jp")
    sessions, account = SessionRows(pool), await AccountRows(pool).by_login("agent@example.jp")
    assert account is not None
    await sessions.open(account.account.id, b"elsewhere", "", "", 60.0)
    body = {"current": PASSWORD, "new": "four plain words here"}
    assert (await visitor.client.put("/api/v1/me/password", json=body, headers=visitor.headers)).status == 204
    assert await sessions.find(b"elsewhere") is None
    dial = {"current": "four plain words here", "password": "83926105"}
    assert (await visitor.client.put("/api/v1/me/dial-operation", json=dial, headers=visitor.headers)).status == 200
    assert await sign_in(visitor, "agent@example.jp", PASSWORD) == 401
    assert await sign_in(visitor, "agent@example.jp", "four plain words here") == 201


async def test_a_list_is_imported_into_the_database(visitor: Visitor, pool: "Pool") -> None:
    await sign_in(visitor)
    headers = visitor.headers
    made = await (await visitor.client.post("/api/v1/campaigns", json={"name": "冬"}, headers=headers)).json()
    path = f"/api/v1/campaigns/{made['id']}/batches"
    batch = await (await visitor.client.post(path, json={"name": "一"}, headers=headers)).json()
    text = "number,name\n090-1234-5678,佐藤\n09012345678,again\nnobody,x\n,y\n"
    answer = await visitor.client.post(f"/api/v1/batches/{batch['id']}/leads", data=text.encode(), headers=headers)
    report = await answer.json()
    assert (answer.status, report["accepted"], report["duplicates"]) == (201, 1, 1)
    assert [error["line"] for error in report["errors"]] == [4, 5]
    assert await pool.fetchval("SELECT number FROM lead") == "+819012345678"
    batches = await (await visitor.client.get(path)).json()
    assert [(row["id"], row["name"], row["leads"], row["left"]) for row in batches] == [(batch["id"], "一", 1, 1)]
    agent = await pool.fetchval("SELECT id FROM account WHERE dial_id IS NOT NULL")
    new = {"campaign": made["id"], "name": "朝", "mode": "predictive", "caller_number": "0335810101"}
    job = await visitor.client.post("/api/v1/call-jobs", json=new | {"members": [str(agent)]}, headers=headers)
    assert job.status == 201, await job.text()
    progress = (await (await visitor.client.get(f"/api/v1/call-jobs/{(await job.json())['id']}")).json())["progress"]
    assert (progress["campaign"], progress["mode"], progress["running"]) == (made["id"], "predictive", False)
    assert progress["members"] == [str(agent)]
    assert await pool.fetchval("SELECT caller_number FROM call_job") == "+81335810101"
    again = await visitor.client.post("/api/v1/campaigns", json={"name": "冬"}, headers=headers)
    assert (again.status, (await again.json())["type"]) == (403, "urn:pbx-bridge:problem:not-permitted")
    absent = await visitor.client.post("/api/v1/batches/999/leads", data=b"number\n0312345678\n", headers=headers)
    assert absent.status in (403, 404)


async def test_a_picture_is_kept_and_named_with_the_account(visitor: Visitor) -> None:
    await sign_in(visitor)
    path = "/api/v1/me/icon"
    assert (await visitor.client.get(path)).status == 404
    for body in (PNG, GIF):
        assert (await visitor.client.put(path, data=body, headers=visitor.headers)).status == 204
        me = await (await visitor.client.get("/api/v1/me")).json()
        shown = await visitor.client.get(path, params={"v": me["account"]["icon"]})
        assert await shown.read() == body
    assert (await visitor.client.delete(path, headers=visitor.headers)).status == 204
    assert (await (await visitor.client.get("/api/v1/me")).json())["account"]["icon"] == ""


async def test_a_mark_is_a_row(visitor: Visitor, pool: "Pool") -> None:
    await sign_in(visitor)
    path = f"/api/v1/calls/{call_id(1)}/marks"
    made = await visitor.client.post(path, json={"at": 2.5, "note": "ここ"}, headers=visitor.headers)
    assert made.status == 201
    marks = await (await visitor.client.get(path)).json()
    assert [(mark["at"], mark["note"], mark["made_by"]) for mark in marks] == [(2.5, "ここ", "管理者")]
    beyond = await visitor.client.post(path, json={"at": 10.5}, headers=visitor.headers)
    (error,) = (await beyond.json())["errors"]
    assert (beyond.status, error["field"], error["reason"]) == (400, "at", "beyond the recording")
    assert "ここ" in await (await visitor.client.get(f"/calls/{call_id(1)}")).text()


async def test_an_export_is_ordered_and_followed(visitor: Visitor) -> None:
    await sign_in(visitor)
    ask = {"filter": {"max_silence_share": 1.0}}
    answer = await visitor.client.post("/api/v1/exports", json=ask, headers=visitor.headers)
    assert answer.status == 400, "no recording says how silent it is"
    answer = await visitor.client.post("/api/v1/exports", json={"calls": [call_id(1)]}, headers=visitor.headers)
    assert answer.status == 202
    followed = await (await visitor.client.get(answer.headers["Location"])).json()
    assert (followed["state"], followed["calls"]) == ("waiting", 1)
