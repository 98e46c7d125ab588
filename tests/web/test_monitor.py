"""The live monitor under traffic, in a real browser: nothing jumps, nothing is printed over something else."""

from time import time

from msgspec import convert
from msgspec.structs import replace
from playwright.async_api import BrowserContext, Page, expect

from pbx_bridge.core.board import AgentRow, CenterRow
from pbx_bridge.core.facts import Condition
from web.context import WebPorts

from .browsing import errors_of, sign_in
from .twins.live import engine_of


async def test_nothing_jumps_under_the_pointer(context: BrowserContext, twins: WebPorts) -> None:
    engine, page = engine_of(twins), await sign_in(context, "supervisor")
    rows = page.locator(".agents-table tbody tr")
    await expect(rows).to_have_count(20)
    order = await names_in(page)
    await rows.nth(9).hover()
    agent = engine.rows["agent", "3"]
    assert isinstance(agent, AgentRow)
    engine.change("agent", replace(agent, condition="ringing"))
    moved = page.locator(".agents-table tr", has_text="高橋 優子")
    await expect(moved).to_contain_text("着信中")
    await page.wait_for_timeout(600)  # longer than the table waits for other changes
    assert await names_in(page) == order
    await page.locator(".tiles").hover()
    await expect(rows.nth(1)).to_contain_text("高橋 優子")
    assert errors_of(page) == []


async def test_a_tile_says_how_many_callers_its_center_owes_a_call(context: BrowserContext, twins: WebPorts) -> None:
    engine, page = engine_of(twins), await sign_in(context, "supervisor")
    owed = page.locator(".tile-owed")
    await expect(owed.first).to_have_text("折り返し 5")
    await expect(owed.nth(1)).to_be_hidden()
    await expect(owed.first).to_have_attribute("href", "/callbacks?center=1")
    center = engine.rows["center", "2"]
    assert isinstance(center, CenterRow)
    engine.change("center", replace(center, callbacks=2))
    await expect(owed.nth(1)).to_have_text("折り返し 2")
    assert errors_of(page) == []


async def names_in(page: Page) -> list[str]:
    return await page.locator(".agents-table tbody tr td:nth-child(2)").all_inner_texts()


WATCH_ROWS = """() => {
  window.seen = {overlap: 0, gliding: 0};
  const look = () => {
    const rows = [...document.querySelectorAll('.agents-table tbody tr')];
    const shown = rows.filter(row => Number(getComputedStyle(row).opacity) > 0);
    const places = shown.map(row => row.getBoundingClientRect()).sort((a, b) => a.top - b.top);
    for (let index = 1; index < places.length; index++)
      window.seen.overlap = Math.max(window.seen.overlap, places[index - 1].bottom - places[index].top);
    window.seen.gliding = Math.max(window.seen.gliding, rows.filter(row => row.getAnimations().length).length);
    requestAnimationFrame(look);
  };
  look();
}"""


ARRIVED = """() => Promise.all([...document.querySelectorAll('.agents-table tbody tr')]
  .flatMap(row => row.getAnimations()).map(animation => animation.finished)).then(() => null)"""


async def test_rows_never_lie_over_one_another(context: BrowserContext, twins: WebPorts) -> None:
    engine, page = engine_of(twins), await sign_in(context, "supervisor")
    await expect(page.locator("connection-health")).to_have_attribute("data-state", "live")
    await page.evaluate(WATCH_ROWS)
    order = await names_in(page)
    for place, (id, condition) in enumerate(
        (("3", "ringing"), ("2", "wrap_up"), ("9", "available"), ("18", "talking"))
    ):
        agent = engine.rows["agent", id]
        assert isinstance(agent, AgentRow)
        engine.change("agent", replace(agent, condition=convert(condition, Condition), since=time() + place))
    await expect(page.locator(".agents-table tbody tr").nth(1)).to_contain_text("高橋 優子")
    assert sorted(await names_in(page)) == sorted(order)
    await page.evaluate(ARRIVED)
    seen = await page.evaluate("window.seen")
    assert seen["gliding"] > 0
    assert seen["overlap"] < 1
    assert errors_of(page) == []


async def test_only_what_changed_is_marked(context: BrowserContext, twins: WebPorts) -> None:
    """Settling the order touches every row; it marks none."""
    engine, page = engine_of(twins), await sign_in(context, "supervisor")
    await expect(page.locator("connection-health")).to_have_attribute("data-state", "live")
    await page.evaluate("""() => { window.marks = []; const animate = Element.prototype.animate;
      Element.prototype.animate = function (frames, how) {
        if (how.pseudoElement) window.marks.push(this.closest('tr').cells[1].textContent);
        return animate.call(this, frames, how);
      } }""")
    agent = engine.rows["agent", "3"]
    assert isinstance(agent, AgentRow)
    engine.change("agent", replace(agent, condition="ringing"))
    await expect(page.locator(".agents-table tbody tr").nth(1)).to_contain_text("高橋 優子")
    assert await page.evaluate("window.marks") == ["高橋 優子"]
    await page.emulate_media(reduced_motion="reduce")
    engine.change("agent", replace(agent, condition="talking"))
    await expect(page.locator(".agents-table tr", has_text="高橋 優子")).to_contain_text("通話中")
    assert await page.evaluate("window.marks") == ["高橋 優子"]
    assert errors_of(page) == []


async def test_who_works_nowhere_is_shown_while_signed_in(context: BrowserContext, twins: WebPorts) -> None:
    engine = engine_of(twins)
    chief = AgentRow("500", "部長", "chief@example.jp")
    engine.change("agent", chief)
    page = await sign_in(context, "supervisor")
    count = page.locator(".agents .count")
    await expect(count).to_have_text("20")
    await expect(page.locator("connection-health")).to_have_attribute("data-state", "live")
    engine.change("agent", replace(chief, condition="available", status="available", since=time()))
    await expect(count).to_have_text("21")
    engine.change("agent", chief)
    await expect(count).to_have_text("20")
    assert errors_of(page) == []
