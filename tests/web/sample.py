"""A lively call center for eyes and tests: 20 agents, 3 centers, calls, 2 campaigns; the random seed is fixed."""

import random
import time
from datetime import UTC, datetime, timedelta

from msgspec import convert

from pbx_bridge.core.board import AgentRow, CallRow, CenterRow, JobRow, Kind, NodeRow, Row, TerminalRow
from pbx_bridge.core.calendar import Calendar
from pbx_bridge.core.facts import CallResult, Condition, Direction
from pbx_bridge.core.ids import AgentId, CallId, CampaignId, CenterId, JobId
from pbx_bridge.core.treatment import Treatment, Way
from pbx_bridge.ports.accounts import Account, Role, Secret
from pbx_bridge.ports.callbacks import Callback, CallbackReason, CallbackState
from pbx_bridge.ports.campaigns import CampaignRecord, JobProgress, ResponseRecord
from pbx_bridge.ports.centers import CenterAgent, CenterRecord
from pbx_bridge.ports.history import (
    ActivityRecord,
    CallRecord,
    CallStep,
    CallStory,
    CdrRecord,
    LoginRecord,
    RecordingRecord,
)
from pbx_bridge.ports.redials import Redial
from web.context import WebPorts

from .twins.calls import ExportsTwin, HistoriesTwin, HoldsTwin, MarksTwin, RecordingsTwin
from .twins.campaigns import CampaignsTwin, RedialsTwin
from .twins.centers import CallbacksTwin, CentersTwin
from .twins.live import AlarmsTwin, EngineTwin
from .twins.people import AccountsTwin, AuditTwin, IconsTwin, LockoutsTwin, ProverTwin, SessionsTwin

SEED = 20_261_122
PASSWORD = "correct horse battery"
NAMES = (
    "佐藤 美咲", "鈴木 健太", "高橋 優子", "田中 大輔", "伊藤 さくら", "渡辺 翔", "山本 彩",
    "中村 拓也", "小林 真由美", "加藤 亮", "吉田 恵", "山田 涼介", "佐々木 遥", "山口 直樹",
    "松本 奈々", "井上 悠斗", "木村 愛", "林 圭介", "清水 綾香", "斎藤 誠",
)  # fmt: skip
CENTERS = (("1", "総合窓口", "7000"), ("2", "テクニカルサポート", "7001"), ("3", "Billing (English)", "7002"))
STATES = (
    "talking", "talking", "available", "wrap_up", "talking", "ringing", "break",
    "available", "talking", "away", "available", "outgoing", "talking", "logged_off",
    "wrap_up", "talking", "available", "logged_off", "break", "logged_off",
)  # fmt: skip


def number(draw: random.Random) -> str:
    return f"{draw.choice(('090', '080', '03', '06'))}{draw.randrange(10_000_000, 99_999_999)}"


def account(id: int, login: str, name: str, role: Role, extension: str = "") -> Secret:
    made = Account(
        AgentId(id),
        login,
        name,
        role,
        "ja",
        f"A-{id:02}" if extension else "",
        bool(extension),
        f"{5000 + id}" if extension else "",
        extension,
        datetime.now(UTC) - timedelta(days=30),
    )
    return Secret(made, "plain:" + PASSWORD)


def accounts() -> list[Secret]:
    agents = [
        account(index, f"agent{index:02}@example.jp", name, "agent", str(1000 + index))
        for index, name in enumerate(NAMES, 1)
    ]
    return [
        *agents,
        account(101, "supervisor@example.jp", "森 和子", "supervisor"),
        account(102, "admin@example.jp", "管理者", "administrator"),
    ]


def agent_rows(draw: random.Random, now: float) -> list[Row]:
    rows: list[Row] = []
    for index, (name, state) in enumerate(zip(NAMES, STATES, strict=True), 1):
        condition = convert("paused" if state in ("break", "away") else state, Condition)
        busy = state in ("talking", "ringing", "outgoing")
        row = AgentRow(
            str(index),
            name,
            f"agent{index:02}@example.jp",
            condition,
            state if condition in ("paused", "logged_off", "wrap_up") else "available",
            now - draw.uniform(5, 900 if condition == "paused" else 320),
            extension=str(1000 + index) if state != "logged_off" else "",
            other_party=number(draw) if busy else "",
            center=draw.choice(CENTERS)[0] if busy and state != "outgoing" else "",
            member=True,
        )
        if index == 1:
            row.call, row.recording = "talk1", "on"
        if state == "wrap_up":
            row.until = now + draw.uniform(5, 40)
        rows.append(row)
    return rows


def center_rows(draw: random.Random, now: float) -> list[Row]:
    busy = (
        CenterRow("1", "総合窓口", "7000", 3, now - 74, 3, 4, 1, 2, 182, 9, 160, 5),
        CenterRow("2", "テクニカルサポート", "7001", 1, now - 12, 2, 2, 1, 1, 96, 3, 91),
        CenterRow("3", "Billing (English)", "7002", 0, None, 1, 1, 0, 0, 41, 1, 40),
    )
    return list(busy)


def call_rows(draw: random.Random, now: float) -> list[Row]:
    waiting: list[Row] = [
        CallRow(
            f"wait{index}", "inbound", number(draw), "0312345678", now - ago, center, state="waiting",
            state_since=now - ago, position=place, channel=f"17.{index}",
        )
        for index, (ago, center, place) in enumerate(((74, "1", 1), (41, "1", 2), (12, "2", 1), (6, "1", 3)), 1)
    ]  # fmt: skip
    talking: list[Row] = [
        CallRow(f"talk{index}", "inbound", number(draw), "0312345678", now - 100, "1", agent=str(index),
                state="talking", state_since=now - 80, channel=f"18.{index}")
        for index in (1, 2, 5, 9)
    ]  # fmt: skip
    return waiting + talking


def job_rows() -> list[Row]:
    return [
        JobRow("1", "秋の更新案内", "predictive", True, 6, 2, 5, 412, 401, 9, 1240, 0.0218, 0.03, "risk", 2.4,
               {"risk": 0.021, "theta": 0.019}),
        JobRow("2", "アンケート 2026", "progressive", True, 0, 0, 0, 88, 88, 0, 301, 0.0, 0.03, "agents", 1.0, {}),
    ]  # fmt: skip


def board(draw: random.Random, now: float) -> dict[Kind, list[Row]]:
    agents = agent_rows(draw, now)
    for row, ago in ((agents[8], 95), (agents[3], 21)):
        assert isinstance(row, AgentRow)
        row.hand_since = now - ago
    terminals: list[Row] = [TerminalRow(str(index), str(1000 + index), True) for index in range(1, 21)]
    return {
        "agent": agents,
        "center": center_rows(draw, now),
        "call": call_rows(draw, now),
        "job": job_rows(),
        "terminal": terminals,
        "node": [NodeRow("a", True, now - 5000)],
    }


RESULTS: tuple[CallResult, ...] = ("answered", "answered", "answered", "answered", "abandoned", "no_answer", "busy")
DISPOSITIONS = ("ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION")
DIRECTIONS: tuple[Direction, ...] = ("inbound", "inbound", "inbound", "campaign", "outbound")


def stories(draw: random.Random) -> tuple[list[CallStory], dict[CallId, float]]:
    made: list[CallStory] = []
    lengths: dict[CallId, float] = {}
    at = datetime.now(UTC) - timedelta(minutes=3)
    for index in range(120):
        story = _story(draw, index, at)
        if story.recording is not None and story.recording.seconds:
            lengths[story.call.id] = story.recording.seconds
        made.append(story)
        at -= timedelta(seconds=draw.randrange(40, 400))
    return made, lengths


def _story(draw: random.Random, index: int, at: datetime) -> CallStory:
    id = CallId("".join(draw.choice("0123456789abcdefghjkmnpqrstvwxyz") for _ in range(12)))
    if index == 0:
        id = CallId("0demo0call00")
    result: CallResult = "answered" if index == 0 else draw.choice(RESULTS)
    direction: Direction = "inbound" if index == 0 else draw.choice(DIRECTIONS)
    agent = 1 if index == 0 else draw.randrange(1, 21)
    waited = 18.0 if index == 0 else draw.uniform(2, 60)
    talked = 84.0 if index == 0 else draw.uniform(8, 400)
    answered = at + timedelta(seconds=waited) if result == "answered" else None
    ended = at + timedelta(seconds=waited + (talked if answered else 0))
    call = CallRecord(
        id, direction, number(draw) if direction == "inbound" else "0312345678",
        "0312345678" if direction == "inbound" else number(draw), at, answered, ended, result, waited,
        talked if answered else None, draw.choice(CENTERS)[1] if direction == "inbound" else None,
        "秋の更新案内" if direction == "campaign" else None, NAMES[agent - 1] if answered else None,
        AgentId(agent) if answered else None, "折り返し希望 15時以降" if index % 9 == 0 else "", answered is not None,
    )  # fmt: skip
    steps = [
        CallStep(at, "arrived", None, ""),
        CallStep(at + timedelta(seconds=1.5), "queued", None, "1"),
        CallStep(at + timedelta(seconds=waited * 0.55), "offered", NAMES[agent - 1], "1001"),
    ]
    recording = None
    if answered:
        steps += [
            CallStep(answered, "answered", NAMES[agent - 1], ""),
            CallStep(answered + timedelta(seconds=talked * 0.5), "held", NAMES[agent - 1], ""),
            CallStep(answered + timedelta(seconds=talked * 0.58), "resumed", NAMES[agent - 1], ""),
        ]
        if index == 0:
            steps += _happenings(answered)
        seconds = min(talked, 90.0)
        recording = RecordingRecord(id, "ready", f"{id}.flac", answered, seconds, 8000, 2, 400_000, [])
    steps = sorted([*steps, CallStep(ended, "ended", None, result)], key=lambda step: step.at)
    return CallStory(call, steps, recording)


def _happenings(answered: datetime) -> list[CallStep]:
    """Everything a story can show beside talking and holding."""
    steps = (
        (10, "monitored", "監督 一郎", "listen"), (20, "recording_paused", NAMES[0], "web"),
        (28, "recording_resumed", None, "system"), (32, "unmonitored", "監督 一郎", ""),
        (62, "blind_transfer", NAMES[0], "1002"), (66, "joined", NAMES[1], ""),
    )  # fmt: skip
    return [CallStep(answered + timedelta(seconds=after), kind, who, detail) for after, kind, who, detail in steps]


def ports() -> WebPorts:
    """Fresh twins with everything in them. The seed is printed by whoever fails: it is in this file."""
    draw = random.Random(SEED)
    people = AccountsTwin(accounts())
    audit = AuditTwin()
    made, lengths = stories(draw)
    histories = HistoriesTwin(made, audit)
    now = datetime.now(UTC)
    histories.sign_ins = [
        LoginRecord("1", now, "web", "signed_in", "agent01@example.jp", "127.0.0.1"),
        LoginRecord("2", now - timedelta(hours=1), "phone", "failed", "5001", "1001"),
    ]
    histories.activities = _activities(draw, now)
    histories.cdrs = [_cdr(n, now - timedelta(minutes=n), said) for n, said in enumerate(DISPOSITIONS)]
    campaigns = CampaignsTwin(
        [
            JobProgress(JobId(1), CampaignId(1), "秋の更新案内", "更新案内", "predictive", True, 5000, 3120, 1880,
                        {"connected": 401, "no_answer": 520, "busy": 190, "abandoned": 9, "failed": 42, "machine": 78},
                        1450, 31, [AgentId(n) for n in range(1, 9)]),
            JobProgress(JobId(2), CampaignId(2), "アンケート 2026", "満足度調査", "progressive", True, 800, 560, 240,
                        {"connected": 88, "no_answer": 130, "busy": 20, "failed": 12}, 88, 0, [AgentId(3), AgentId(1)]),
        ],
        [
            CampaignRecord(CampaignId(1), "更新案内", 5000, [JobId(1)]),
            CampaignRecord(CampaignId(2), "満足度調査", 800, [JobId(2)]),
        ],
    )  # fmt: skip
    campaigns.records = {
        str(n): ResponseRecord(str(n), made[n].call.id, "更新案内", NAMES[n], number(draw),
                               now - timedelta(minutes=9 * n), "申込" if n > 2 else "", "", n > 2)
        for n in range(1, 7)
    }  # fmt: skip
    redials = RedialsTwin([
        Redial("1", "更新案内", "大野 茂", number(draw), now + timedelta(minutes=25), AgentId(1), NAMES[0],
               "15時以降に", "open"),
        Redial("2", "更新案内", "横山 千尋", number(draw), now + timedelta(hours=2), None, None, "", "open"),
    ])  # fmt: skip
    return WebPorts(
        EngineTwin(board(draw, time.time())),
        people,
        SessionsTwin(people),
        LockoutsTwin(),
        histories,
        campaigns,
        audit,
        RecordingsTwin(lengths),
        HoldsTwin(histories, audit),
        _marks(lengths, audit, people),
        ExportsTwin(),
        IconsTwin(people),
        CentersTwin(_centers(), people),
        CallbacksTwin(_callbacks(draw, now), [CenterId(1), CenterId(2)]),
        redials,
        AlarmsTwin(),
        ProverTwin(),
    )


def _centers() -> list[CenterRecord]:
    office = Calendar(week={"mon-fri": ("09:00-12:00", "13:00-18:00"), "sat": ("10:00-15:00",)}, holiday=())
    treatments = (
        Treatment(
            calendar=office,
            max_calls=30,
            max_waiting=20,
            agent_guidance=True,
            nobody=Way("voicemail"),
            overflow_seconds=180,
            overflow=Way("callback"),
        ),
        Treatment(overflow=Way("transfer", "7000")),
        Treatment(language="en"),
    )
    return [
        CenterRecord(
            CenterId(int(id)), name, extension, [f"031234000{id}"], 10 - int(id), "leastrecent", 15.0, 20.0, True,
            treatment,
            [CenterAgent(AgentId(n), NAMES[n - 1], f"agent{n:02}@example.jp", n // 4) for n in range(1, 9)],
        )
        for (id, name, extension), treatment in zip(CENTERS, treatments, strict=True)
    ]  # fmt: skip


def _callbacks(draw: random.Random, now: datetime) -> list[Callback]:
    kinds: list[tuple[CallbackReason, CallbackState, int | None, int]] = [
        ("message", "open", None, 1), ("asked", "open", None, 2), ("abandoned", "in_progress", 1, 1),
        ("overflowed", "in_progress", 3, 4), ("abandoned", "open", None, 1), ("abandoned", "done", 2, 1),
        ("asked", "given_up", 5, 3), ("overflowed", "open", None, 1),
    ]  # fmt: skip
    rows = []
    for index, (reason, state, agent, times) in enumerate(kinds, start=1):
        id, name, _ = CENTERS[index % 3]
        since = now - timedelta(minutes=13 * index)
        rows.append(
            Callback(
                str(index), CenterId(int(id)), name, number(draw), reason, state,
                AgentId(agent) if agent else None, NAMES[agent - 1] if agent else None,
                since, since + timedelta(minutes=times), times, since, CallId("call") if state == "done" else None,
                "夕方にかけ直す" if agent == 3 else "", [CallId(f"missed{index}")],
            )
        )  # fmt: skip
    return rows


def _marks(lengths: dict[CallId, float], audit: AuditTwin, people: AccountsTwin) -> MarksTwin:
    marks = MarksTwin(lengths, audit, people)
    marks.put(CallId("0demo0call00"), 12.5, "契約番号の確認", AgentId(1))
    marks.put(CallId("0demo0call00"), 70.25, "クレームの内容。上長へ報告済み", AgentId(101))
    return marks


def _cdr(n: int, at: datetime, disposition: str) -> CdrRecord:
    return CdrRecord(
        str(n), at, None, at, f"+81901234567{n}", "7001", "7001", "PJSIP/carrier-0001", "PJSIP/1001-0002",
        "from-carrier", 42, 30, disposition, f"17.{n}", f"17.{n}",
    )  # fmt: skip


def _activities(draw: random.Random, now: datetime) -> list[ActivityRecord]:
    rows = []
    until: datetime | None = None
    since = now - timedelta(seconds=95)
    for index in range(40):
        condition = draw.choice(("available", "talking", "wrap_up", "paused", "ringing"))
        status = draw.choice(("break", "away")) if condition == "paused" else "available"
        rows.append(
            ActivityRecord(
                str(index), NAMES[0], condition, status, "", draw.choice(("phone", "web", "system")), "1001", None,
                since, until,
            )
        )  # fmt: skip
        until, since = since, since - timedelta(seconds=draw.randrange(20, 900))
    return rows
