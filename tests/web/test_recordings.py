"""Recordings over HTTP: ranges, clips, waveforms, and 300 ways to ask for another file."""

import io
import random
from urllib.parse import quote

import pytest
import soundfile
from yarl import URL

from pbx_bridge.core.commands import PauseRecording
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.ids import AgentId, CallId
from web.context import WebPorts
from web.peaks import peaks_from_dat
from web.problems import Problem
from web.ranges import byte_range

from .conftest import Enter
from .twins.calls import RecordingsTwin
from .twins.live import EngineTwin
from .twins.people import AuditTwin

CALL = "/api/v1/calls/0demo0call00"
SEED = 7


async def test_a_whole_recording_is_flac_with_its_size_and_ranges(enter: Enter) -> None:
    visitor = await enter("agent")
    answer = await visitor.client.get(f"{CALL}/recording")
    whole = await answer.read()
    assert (answer.status, answer.content_type, answer.headers["Accept-Ranges"]) == (200, "audio/flac", "bytes")
    assert int(answer.headers["Content-Length"]) == len(whole)
    samples, rate = soundfile.read(io.BytesIO(whole))
    assert (samples.shape, rate) == ((84 * 8000, 2), 8000)


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("bytes=0-0", 0, 1), ("bytes=100-199", 100, 200), ("bytes=1000-", 1000, None), ("bytes=-500", -500, None)],
)
async def test_a_range_is_exactly_those_bytes(asked: str, start: int, stop: int | None, enter: Enter) -> None:
    visitor = await enter("agent")
    whole = await (await visitor.client.get(f"{CALL}/recording")).read()
    answer = await visitor.client.get(f"{CALL}/recording", headers={"Range": asked})
    part = await answer.read()
    assert answer.status == 206
    assert part == whole[start:stop]
    first = start % len(whole)
    assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(part) - 1}/{len(whole)}"


async def test_a_range_beyond_the_end_is_refused(enter: Enter) -> None:
    visitor = await enter("agent")
    answer = await visitor.client.get(f"{CALL}/recording", headers={"Range": "bytes=99999999-"})
    assert (answer.status, (await answer.json())["type"]) == (416, "urn:pbx-bridge:problem:range-not-satisfiable")


async def test_a_range_of_other_bytes_than_these_gets_the_whole(enter: Enter) -> None:
    visitor = await enter("agent")
    headers = {"Range": "bytes=0-9", "If-Range": '"of-yesterday"'}
    assert (await visitor.client.get(f"{CALL}/recording", headers=headers)).status == 200


@pytest.mark.parametrize("header", [None, "bytes=-", "bytes=5-1", "bytes=0-1,5-6", "items=0-1", "bytes=a-b"])
def test_what_is_no_single_range_is_answered_whole(header: str | None) -> None:
    assert byte_range(header, 100) is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=-0", "bytes=" + "9" * 30 + "-"])
def test_an_empty_range_is_a_problem(header: str) -> None:
    with pytest.raises(Problem):
        byte_range(header, 100)


@pytest.mark.parametrize("kind", ["flac", "wav"])
async def test_a_clip_is_cut_on_the_server_and_named_by_the_seconds_of_the_call(kind: str, enter: Enter) -> None:
    visitor = await enter("agent")
    query = {"start": "2.5", "end": "4", "format": kind, "download": "true"}
    answer = await visitor.client.get(f"{CALL}/recording", params=query)
    samples, rate = soundfile.read(io.BytesIO(await answer.read()))
    assert len(samples) == 1.5 * rate
    assert answer.headers["Content-Disposition"] == f'attachment; filename="0demo0call00_2.50-4.00.{kind}"'


@pytest.mark.parametrize("query", [{"start": "5", "end": "5"}, {"start": "-1"}, {"start": "900"}, {"start": "nan"}])
async def test_an_impossible_clip_is_a_problem(query: dict[str, str], enter: Enter) -> None:
    visitor = await enter("agent")
    answer = await visitor.client.get(f"{CALL}/recording", params=query)
    assert (answer.status, (await answer.json())["type"]) == (400, "urn:pbx-bridge:problem:invalid")


async def test_plays_and_downloads_are_audited_once(enter: Enter, twins: WebPorts) -> None:
    visitor = await enter("agent")
    for header in ("bytes=0-99", "bytes=100-199", "bytes=200-"):
        await visitor.client.get(f"{CALL}/recording", headers={"Range": header})
    await visitor.client.get(f"{CALL}/recording", params={"start": "1", "end": "2", "download": "true"})
    assert isinstance(twins.audit, AuditTwin)
    assert isinstance(twins.recordings, RecordingsTwin)
    seconds = f"{twins.recordings.lengths[CallId('0demo0call00')]:.3f}"
    assert [(row.act, row.detail) for row in twins.audit.rows] == [
        ("recording.download", {"start": "1.0", "end": "2.0", "seconds": "1.000"}),
        ("recording.play", {"seconds": seconds}),
    ]


async def test_peaks_come_as_dat_and_as_json(enter: Enter) -> None:
    visitor = await enter("agent")
    raw = await (await visitor.client.get(f"{CALL}/peaks", params={"samples_per_pixel": "512"})).read()
    answer = await visitor.client.get(
        f"{CALL}/peaks", params={"samples_per_pixel": "512"}, headers={"Accept": "application/json"}
    )
    peaks = await answer.json()
    assert (peaks["version"], peaks["channels"], peaks["samples_per_pixel"], peaks["bits"]) == (2, 2, 512, 8)
    assert len(peaks["data"]) == peaks["length"] * 4
    assert peaks_from_dat(raw).data == peaks["data"]


@pytest.mark.parametrize("number", ["0", "31", "65537", "x", "1.5"])
async def test_an_impossible_resolution_is_a_problem(number: str, enter: Enter) -> None:
    visitor = await enter("agent")
    assert (await visitor.client.get(f"{CALL}/peaks", params={"samples_per_pixel": number})).status == 400


async def test_no_recording_is_not_found(enter: Enter, twins: WebPorts) -> None:
    visitor = await enter("supervisor")
    rows = (await (await visitor.client.get("/api/v1/calls?result=abandoned")).json())["rows"]
    for path in ("recording", "peaks"):
        answer = await visitor.client.get(f"/api/v1/calls/{rows[0]['id']}/{path}")
        assert (answer.status, (await answer.json())["type"]) == (404, "urn:pbx-bridge:problem:not-found")


def traversals() -> list[str]:
    """300 strings that try to be a path: dots, slashes, encodings, nulls, absolute ones, long ones."""
    draw = random.Random(SEED)
    ups = ("../", "..\\", "%2e%2e/", "..%2f", "%2e%2e%2f", "..%c0%af", "..%252f", "....//", "..;/", "/./", "%00")
    ends = ("etc/passwd", "0demo0call00", "0demo0call00.flac", "windows/win.ini", "", "proc/self/environ", "*")
    made = ["".join(draw.choices(ups, k=draw.randrange(1, 9))) + draw.choice(ends) for _ in range(280)]
    tails = ("/", "%00", ".flac", "%0a", "\u202e", "/../x", "é", " ", "\t", "0")
    odd = (
        "~root",
        "file:///etc/passwd",
        "C:\\x",
        "\\\\host\\share",
        "CON",
        "0DEMO0CALL0O",
        "%",
        "%zz",
        "." * 500,
        "-" * 12,
    )
    return [*made, *("0demo0call00" + tail for tail in tails), *odd]


async def test_300_traversal_strings_find_nothing(enter: Enter) -> None:
    visitor = await enter("administrator")
    strings = traversals()
    assert len(strings) == 300, f"seed {SEED}"
    found = []
    for text in strings:
        for path in (f"/api/v1/calls/{text}/recording", f"/api/v1/calls/{quote(text, safe='')}/recording"):
            answer = await visitor.client.get(URL(quote(path, safe="/%\\;~:*"), encoded=True))
            if answer.status != 404:
                found.append((answer.status, path))
        name = await visitor.client.get(URL(f"/static/{quote(text, safe='')}", encoded=True))
        if name.status != 404:
            found.append((name.status, text))
    assert found == [], f"seed {SEED}"


async def test_an_agent_pauses_the_own_recording_and_no_other(enter: Enter, twins: WebPorts) -> None:
    visitor, engine = await enter("agent"), twins.engine
    assert isinstance(engine, EngineTwin)
    pause = "/api/v1/calls/{}/recording/pause"
    answer = await visitor.client.post(pause.format("talk1"), json={"pause": True}, headers=visitor.headers)
    assert answer.status == 204
    assert engine.submitted == [PauseRecording(CallId("talk1"), "web", AgentId(1), True)]
    answer = await visitor.client.post(pause.format("talk2"), json={"pause": True}, headers=visitor.headers)
    assert (answer.status, (await answer.json())["type"]) == (404, "urn:pbx-bridge:problem:unknown-call")
    assert len(engine.submitted) == 1
    assert isinstance(twins.audit, AuditTwin)
    assert [row.act for row in twins.audit.rows] == ["recording.pause"]


async def test_a_supervisor_pauses_anybodys_and_hears_when_there_is_none(enter: Enter, twins: WebPorts) -> None:
    visitor, engine = await enter("supervisor"), twins.engine
    assert isinstance(engine, EngineTwin)
    path = "/api/v1/calls/talk2/recording/pause"
    assert (await visitor.client.post(path, json={"pause": False}, headers=visitor.headers)).status == 204
    assert engine.submitted == [PauseRecording(CallId("talk2"), "supervisor", AgentId(101), False)]
    engine.refuses = Refused("not-recorded")
    answer = await visitor.client.post(path, json={"pause": True}, headers=visitor.headers)
    assert (answer.status, (await answer.json())["type"]) == (409, "urn:pbx-bridge:problem:not-recorded")
    assert (await visitor.client.post(path, json={"pause": "yes"}, headers=visitor.headers)).status == 400


async def test_a_recording_is_held_beyond_its_days_by_supervisors(enter: Enter, twins: WebPorts) -> None:
    call = "0demo0call00"
    path = f"/api/v1/calls/{call}/recording/hold"
    agent, visitor = await enter("agent"), await enter("supervisor")
    assert (await agent.client.put(path, json={"hold": True}, headers=agent.headers)).status == 403
    asked = {"hold": True, "reason": "case 7"}
    assert (await visitor.client.put(path, json=asked, headers=visitor.headers)).status == 204
    story = await (await visitor.client.get(f"/api/v1/calls/{call}")).json()
    assert story["recording"]["legal_hold"] is True
    page = await (await visitor.client.get(f"/calls/{call}")).text()
    assert "保全を解除" in page
    assert (await visitor.client.put(path, json={"hold": False}, headers=visitor.headers)).status == 204
    assert isinstance(twins.audit, AuditTwin)
    acts = [(row.act, row.target, row.detail["reason"]) for row in twins.audit.rows if row.act.startswith("recording.")]
    assert acts == [("recording.release", call, ""), ("recording.hold", call, "case 7")]
    unknown = path.replace(call, "0demo0callxx")
    assert (await visitor.client.put(unknown, json=asked, headers=visitor.headers)).status == 404
    assert (await visitor.client.put(path, json={"hold": 1}, headers=visitor.headers)).status == 400


async def test_the_page_holds_a_recording_and_lets_it_go(enter: Enter) -> None:
    visitor = await enter("administrator")
    for shown in ("保全を解除", "録音を保全"):
        page = await (await visitor.client.get("/calls/0demo0call00")).text()
        held = "1" if shown == "保全を解除" else ""
        assert f'name="hold" value="{held}"' in page
        form = {"csrf": visitor.csrf, "hold": held, "reason": "case 7"}
        answer = await visitor.client.post("/calls/0demo0call00/hold", data=form)
        assert shown in await answer.text()
