"""What a person does, in a real browser: signs in, watches, changes status by key, selects sound with the mouse."""

import re

import pytest
from msgspec.structs import replace
from playwright.async_api import BrowserContext, expect

from pbx_bridge.core.board import AgentRow, CallRow, NodeRow
from pbx_bridge.core.commands import ChangeStatus, PauseRecording
from pbx_bridge.core.ids import AgentId, CallId
from web.context import WebPorts

from .browsing import errors_of, sign_in
from .conftest import UI
from .twins.live import AlarmsTwin, EngineTwin, engine_of
from .twins.people import SessionsTwin


async def test_the_monitor_moves_without_reload(context: BrowserContext, twins: WebPorts) -> None:
    engine, page = engine_of(twins), await sign_in(context, "supervisor")
    await page.evaluate("window.same = true")
    row = page.locator(".agents-table tr", has_text="高橋 優子")
    await expect(row).to_contain_text("受付可")
    await expect(page.locator("connection-health")).to_have_attribute("data-state", "live")
    agent = engine.rows["agent", "3"]
    assert isinstance(agent, AgentRow)
    engine.change("agent", replace(agent, condition="talking", other_party="+819011112222", center="2"))
    await expect(row).to_contain_text("通話中")
    await expect(row).to_contain_text("09011112222")
    await expect(row).to_contain_text("テクニカルサポート")
    call = engine.rows["call", "wait1"]
    assert isinstance(call, CallRow)
    waiting = page.locator(".waiting li")
    await expect(waiting).to_have_count(4)
    engine.change("call", replace(call, ended=True))
    await expect(waiting).to_have_count(3)
    assert await page.evaluate("window.same") is True
    assert errors_of(page) == []


async def test_old_data_says_how_old_it_is(context: BrowserContext, twins: WebPorts) -> None:
    engine, page = engine_of(twins), await sign_in(context, "supervisor")
    banner = page.locator(".banner.stale")
    await expect(banner).to_be_hidden()
    engine.age_ms = 9_000
    await expect(banner).to_have_text(re.compile(r"(9|10) 秒前"))
    engine.age_ms = 100
    await expect(banner).to_be_hidden()
    engine.change("node", NodeRow("a", False, 1.0, "gone"))
    await expect(banner).to_have_text(re.compile("Asterisk"))
    assert errors_of(page) == []


async def test_an_alarm_stands_on_every_page_of_a_supervisor(context: BrowserContext, twins: WebPorts) -> None:
    assert isinstance(twins.alarms, AlarmsTwin)
    page = await sign_in(context, "supervisor")
    for path in ("/monitor", "/calls"):
        await page.goto(path)
        alarm = page.locator("operator-alarms")
        await expect(alarm).to_be_hidden()
        twins.alarms.now = ["recording-stalled"]
        await expect(alarm).to_contain_text("録音が進んでいない")
        twins.alarms.now = []
        await expect(alarm).to_be_hidden()
    assert errors_of(page) == []


async def test_an_ended_session_is_said_and_leads_to_the_door(context: BrowserContext, twins: WebPorts) -> None:
    page = await sign_in(context, "supervisor")
    await expect(page.locator("connection-health")).to_have_attribute("data-state", "live")
    other = await context.new_page()
    await other.goto("/calls")
    await other.locator(".person summary").click()
    await other.get_by_role("button", name="サインアウト").click()
    await other.wait_for_url("**/sign-in")
    await expect(page.locator("session-watch")).to_contain_text("セッションが終了")
    assert isinstance(twins.sessions, SessionsTwin)
    assert twins.sessions.open_ones == {}
    await page.get_by_role("link", name="サインインし直す").click()
    await page.wait_for_url("**/sign-in?next=%2Fmonitor")


async def test_the_status_is_one_key_away(context: BrowserContext, twins: WebPorts) -> None:
    engine, page = engine_of(twins), await sign_in(context, "agent")
    await expect(page.locator("connection-health")).to_have_attribute("data-state", "live")
    for path in ("/me", "/calls", "/calls/0demo0call00"):
        await page.goto(path)
        engine.submitted.clear()
        await page.keyboard.press("s")
        await page.keyboard.press("3")
        await expect(page.locator(".status-button")).to_contain_text("休憩中")
        assert engine.submitted == [ChangeStatus(AgentId(1), "break", "web")]
        await page.keyboard.press("s")
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("ArrowUp")
        await page.keyboard.press("Enter")
        await expect(page.locator(".status-button")).to_contain_text("受付可")
    assert errors_of(page) == []


async def test_ones_own_section_follows_the_telephone(context: BrowserContext, twins: WebPorts) -> None:
    engine, page = engine_of(twins), await sign_in(context, "agent")
    await page.goto("/me/agent")
    await page.evaluate("window.same = true")
    own = page.locator("own-agent")
    await expect(own.locator(".own-state")).to_have_text(re.compile("通話中"))
    agent = engine.rows["agent", "1"]
    assert isinstance(agent, AgentRow)
    engine.change("agent", replace(agent, pending="break"))
    await expect(own.locator(".own-state")).to_contain_text("通話中 → 休憩中")
    engine.change("agent", replace(agent, condition="paused", status="away", extension="09012340001", reachable=False))
    await expect(own.locator(".own-state")).to_have_text("離席中")
    await expect(own.locator(".own-terminal")).to_contain_text("09012340001")
    await expect(own.locator(".own-phone")).to_have_text("未登録")
    await expect(own.locator("button[aria-pressed=true]")).to_have_text("離席中")
    assert await page.evaluate("window.same") is True
    assert errors_of(page) == []


async def test_a_supervisor_sets_an_agents_status_from_the_table(context: BrowserContext, twins: WebPorts) -> None:
    engine, page = engine_of(twins), await sign_in(context, "supervisor")
    row = page.locator(".agents-table tr", has_text="高橋 優子")
    await row.hover()
    await row.locator("summary").click()
    await row.locator(".sheet").get_by_role("button", name="離席中").click()
    await expect(row).to_contain_text("離席中")
    assert engine.submitted == [ChangeStatus(AgentId(3), "away", "supervisor")]
    assert errors_of(page) == []


async def test_a_range_is_selected_with_the_mouse_and_played(context: BrowserContext) -> None:
    page = await sign_in(context, "agent")
    await page.goto("/calls/0demo0call00")
    await page.locator("call-wave[data-ready]").wait_for()
    box = await page.locator("call-wave canvas[role=slider]").bounding_box()
    assert box is not None
    seconds, middle = 84.0, box["y"] + 120

    def x(second: float) -> float:
        assert box is not None
        return box["x"] + second / seconds * box["width"]

    await page.mouse.click(x(40), middle)
    await expect(page.locator(".transport .clock")).to_have_text(re.compile(r"^0:(39|40)\.\d / 1:24$"))
    await page.mouse.move(x(30), middle)
    await page.mouse.down()
    await page.mouse.move(x(34), middle, steps=4)
    await page.mouse.move(x(50), middle, steps=4)
    await page.mouse.up()
    chosen = page.locator(".selection-range")
    await expect(chosen).to_have_text(re.compile(r"^0:(29|30)\.\d – 0:(49|50)\.\d \((19|20)\.\d s\)$"))
    assert re.search(r"#t=(29|30)\.\d\d,(49|50)\.\d\d$", page.url)
    href = await page.locator(".transport a", has_text="WAV").get_attribute("href")
    assert href is not None
    assert re.search(r"format=wav&download=true&start=(29|30)\.\d+&end=(49|50)\.\d+$", href)
    await page.keyboard.press("Space")
    await expect(page.locator(".transport .clock")).to_have_text(re.compile(r"^0:3[1-9]\.\d / 1:24$"))
    await page.keyboard.press("Space")
    await page.keyboard.press("Escape")
    await expect(chosen).to_be_hidden()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("無音を飛ばす")
    assert errors_of(page) == []


async def test_a_link_to_a_range_opens_on_it(context: BrowserContext) -> None:
    page = await sign_in(context, "agent")
    await page.goto("/calls/0demo0call00#t=25.00,31.50")
    await expect(page.locator(".selection-range")).to_have_text("0:25.0 – 0:31.5 (6.5 s)")
    await expect(page.locator(".transport .clock")).to_have_text(re.compile(r"^0:25\.0"))
    assert errors_of(page) == []


PAGES = (
    "/monitor",
    "/records/activity",
    "/records/logins",
    "/calls",
    "/calls/0demo0call00",
    "/campaigns",
    "/audit",
    "/me",
    "/me/agent",
    "/me/unsaved",
)


async def test_360_pixels_are_enough_and_no_page_complains(context: BrowserContext) -> None:
    page = await sign_in(context, "administrator")
    await page.set_viewport_size({"width": 360, "height": 740})
    for path in PAGES:
        await page.goto(path)
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= 360, path
    for path in ("/records/cdr", "/records/logins"):
        await page.goto(path)
        assert await page.evaluate(CUT_OFF) == [], path
    await page.goto("/me/logins")
    await expect(page.locator(".sections [aria-current]")).to_be_in_viewport(ratio=1)
    assert errors_of(page) == []


CUT_OFF = """() => [...document.querySelectorAll('.scroll')].filter(box => box.scrollWidth > box.clientWidth)
  .map(box => box.textContent.slice(0, 80))"""


AXE_RUN = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
  .map(found => `${found.id}: ${found.nodes.map(node => node.html.slice(0, 80)).join(' | ')}`)"""


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing(theme: str, context: BrowserContext) -> None:
    axe = (UI / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
    page = await sign_in(context, "administrator")
    await page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    for path in (
        *PAGES,
        "/callbacks?state=all",
        "/centers",
        "/centers/1",
        "/calls?result=answered",
        "/me/dial",
        "/me/activity",
        "/me/logins",
    ):
        await page.goto(path)
        await page.evaluate(axe)
        assert await page.evaluate(AXE_RUN) == [], path
    assert errors_of(page) == []


async def test_an_agent_joins_a_call_job_and_pauses_the_recording(context: BrowserContext, twins: WebPorts) -> None:
    assert isinstance(twins.engine, EngineTwin)
    page = await sign_in(context, "agent")
    await page.goto("/me/jobs")
    row = page.locator("tr[data-job='2']")
    await row.get_by_role("button", name="参加").click()
    await expect(row.locator(".line-state")).to_have_text("待機エージェント")
    await expect(page.locator("tr[data-job='1']").get_by_role("button", name="参加")).to_be_disabled()
    await row.get_by_role("button", name="離脱").click()
    await expect(row.locator(".line-state")).to_have_text("未参加")
    button = page.get_by_role("button", name="録音中: 録音を一時停止")
    await button.click()
    await expect(page.get_by_role("button", name="録音停止中: 録音を再開")).to_be_visible()
    assert twins.engine.submitted[-1] == PauseRecording(CallId("talk1"), "web", AgentId(1), True)
    assert errors_of(page) == []
