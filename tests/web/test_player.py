"""The call page's player in a real browser, on real recordings out of a real vault."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile
from aiohttp.test_utils import TestServer
from msgspec.structs import replace as changed
from playwright.async_api import BrowserContext, Page, Request, expect

from pbx_bridge.core.ids import CallId
from recordings.encoding import Int16
from recordings.keep import keep
from recordings.library import Library
from recordings.naming import name_of
from recordings.vault import DirectoryVault
from tests.recordings.sounds import strength, tone
from web.app import build
from web.context import WebPorts, WebSettings

from .browsing import errors_of, sign_in
from .sample import ports
from .twins.calls import HistoriesTwin, MarksTwin

CALL = CallId("0demo0call00")
OFFSET = 18.0
"""Seconds of waiting before the sound begins."""
AGENT, OTHER, ASIDE = 440, 1000, 2000
HOUR = 3600.0
DAY = date(2026, 11, 22)


class Shelf:
    """A vault with one recording at a time, under the name of the sample's first call."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.vault = DirectoryVault(folder / "vault")
        self.ports = replace(ports(), recordings=Library(self.vault, self._find))

    async def _find(self, call: CallId) -> str | None:
        return name_of(call, DAY, "flac") if call == CALL else None

    def put(self, agent: Int16, other: Int16) -> None:
        source = self._folder / "call.raw"
        np.stack((other, agent), axis=1).tofile(source)  # as the recorder has them
        seconds = keep(source, self.vault, CALL, DAY, self._folder / "work").seconds
        histories, marks = self.ports.histories, self.ports.marks
        assert isinstance(histories, HistoriesTwin)
        assert isinstance(marks, MarksTwin)
        story = histories.stories[CALL]
        assert story.recording is not None
        assert story.call.answered_at is not None
        call = changed(story.call, ended_at=story.call.answered_at + timedelta(seconds=seconds))
        recording = changed(story.recording, seconds=seconds)
        histories.stories[CALL] = changed(story, call=call, recording=recording, steps=[])
        marks.lengths[CALL] = seconds
        marks.marks.clear()


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


@pytest.fixture
async def server(shelf: Shelf) -> AsyncIterator[TestServer]:
    running = TestServer(build(shelf.ports, WebSettings()))
    await running.start_server()
    yield running
    await running.close()


@pytest.fixture
def twins(shelf: Shelf) -> WebPorts:
    return shelf.ports


def ten_seconds() -> tuple[Int16, Int16]:
    """Both lanes hum from 3.0 to 7.5 s, and something else before and after."""
    before, after = tone(ASIDE, 3), tone(ASIDE, 2.5)
    return np.concatenate((before, tone(AGENT, 4.5), after)), np.concatenate((before, tone(OTHER, 4.5), after))


class Wave:
    """The waveform on the page, in seconds of the recording."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def heard(self, holds: Callable[[float], bool]) -> None:
        """Until the sound is at such a second of the recording."""
        async with asyncio.timeout(30.0):
            while not holds(await self.page.evaluate("document.querySelector('call-wave').heard")):
                await asyncio.sleep(0.02)

    async def view(self) -> tuple[float, float]:
        """What is shown."""
        first, last = await self.page.evaluate("document.querySelector('call-wave').view")
        return first, last

    async def place(self, second: float) -> tuple[float, float]:
        box = await self.page.locator(".canvas-holder canvas").bounding_box()
        assert box is not None
        x: float = await self.page.evaluate(f"document.querySelector('call-wave').x({second})")
        return box["x"] + x, box["y"] + 120

    async def pixel(self) -> float:
        """In seconds."""
        return 1 / ((await self.place(1.0))[0] - (await self.place(0.0))[0])

    async def drag(self, start: float, end: float) -> None:
        await self.page.mouse.move(*await self.place(start))
        await self.page.mouse.down()
        for second in (start + (end - start) / 2, end):
            await self.page.mouse.move(*await self.place(second), steps=5)
        await self.page.mouse.up()


async def opened(context: BrowserContext) -> Wave:
    page = await sign_in(context, "agent")
    await page.goto(f"/calls/{CALL}")
    await page.locator("call-wave[data-ready]").wait_for()
    return Wave(page)


@pytest.mark.parametrize("kind", ["WAV", "FLAC"])
async def test_a_stretch_chosen_by_mouse_is_downloaded(
    kind: str, context: BrowserContext, shelf: Shelf, tmp_path: Path
) -> None:
    """From 3.0 to 7.5 s: exact to what a mouse can point at, and 20 ms."""
    shelf.put(*ten_seconds())
    wave = await opened(context)
    await wave.drag(3.0, 7.5)
    said = await wave.page.locator(".selection-range").inner_text()
    assert re.fullmatch(r"0:0[23]\.\d – 0:07\.\d \(4\.[45] s\)", said)
    async with wave.page.expect_download() as coming:
        await wave.page.locator(".transport a", has_text=kind).click()
    await (await coming.value).save_as(tmp_path / "clip")
    clip, rate = soundfile.read(tmp_path / "clip", dtype="int16")
    pixel = await wave.pixel()
    assert abs(len(clip) / rate - 4.5) < 0.02 + 2 * pixel
    edge = round(2 * pixel * rate)
    for lane, hertz in enumerate((AGENT, OTHER)):
        inside = clip[edge : len(clip) - edge, lane]
        assert strength(inside, hertz) > 0.45
        assert strength(inside, ASIDE) < 0.02
    assert errors_of(wave.page) == []


async def test_a_selection_is_trimmed_by_its_handles_and_played_again_and_again(
    context: BrowserContext, shelf: Shelf
) -> None:
    shelf.put(*ten_seconds())
    wave = await opened(context)
    page, said = wave.page, wave.page.locator(".selection-range")
    await wave.drag(2.0, 7.5)
    await wave.drag(7.5, 2.6)
    await expect(said).to_have_text(re.compile(r"\(0\.[56] s\)"))
    await page.locator(".transport select").select_option("2")
    await page.keyboard.press("l")
    await page.keyboard.press("Space")
    for _ in range(2):  # it comes to its beginning again
        await wave.heard(lambda second: second > 2.35)
        await wave.heard(lambda second: second < 2.3)
    await page.keyboard.press("Space")
    assert errors_of(page) == []


async def test_silence_is_skipped(context: BrowserContext, shelf: Shelf) -> None:
    quiet = np.zeros(8000 * 30, np.int16)
    lane = np.concatenate((tone(AGENT, 1), quiet, tone(AGENT, 3)))
    shelf.put(lane, np.zeros_like(lane))
    wave = await opened(context)
    await wave.page.keyboard.press("n")
    await expect(wave.page.get_by_role("button", name="無音を飛ばす")).to_have_attribute("aria-pressed", "true")
    await wave.page.keyboard.press("Space")
    async with asyncio.timeout(29.0):  # less than the silence lasts
        await wave.heard(lambda second: second > 30.5)
    assert errors_of(wave.page) == []


async def test_an_hour_opens_without_its_sound(context: BrowserContext, shelf: Shelf) -> None:
    """Everything the page fetches is under 200 KB, and nothing of it is audio until somebody listens."""
    lane = np.tile(np.concatenate((tone(AGENT, 1), np.zeros(8000 * 3, np.int16))), 900)
    shelf.put(lane, np.roll(lane, 8000 * 2))
    page = await sign_in(context, "agent")
    fetched: list[Request] = []
    page.on("requestfinished", lambda request: fetched.append(request))
    await page.goto(f"/calls/{CALL}")
    await page.locator("call-wave[data-ready]").wait_for()
    await page.wait_for_load_state("networkidle")
    sizes = [await request.sizes() for request in fetched]
    assert sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes) < 200_000
    assert [request.url for request in fetched if "/recording" in request.url] == []
    await page.keyboard.press("End")
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("Space")
    await Wave(page).heard(lambda second: second > HOUR - 4.5)
    assert errors_of(page) == []


async def test_marks_by_keyboard_and_by_mouse(context: BrowserContext, shelf: Shelf) -> None:
    shelf.put(*ten_seconds())
    wave = await opened(context)
    page, rows = wave.page, wave.page.locator(".pin-row[data-mark]")
    await expect(page.locator(".pins")).to_contain_text("マークはまだありません")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("m")
    await page.keyboard.type("値引きの約束")
    await page.keyboard.press("Enter")
    await expect(rows).to_have_text([re.compile(r"1\s*0:05\.0\s*値引きの約束\s*佐藤 美咲")])
    await expect(page.get_by_role("status").filter(has_text="マークを保存しました")).to_be_attached()

    await page.mouse.dblclick(*await wave.place(2.0))
    await page.keyboard.press("Escape")
    await expect(rows).to_have_count(1)
    await page.mouse.dblclick(*await wave.place(2.0))
    await page.keyboard.press("Enter")
    await expect(rows).to_have_count(2)
    await page.keyboard.press("k")
    await expect(page.locator(".transport .clock")).to_have_text(re.compile(r"^0:05\.0"))
    await page.keyboard.press("j")
    await expect(rows.nth(0)).to_have_attribute("data-chosen", "")

    x, y = await wave.place(5.0)
    await page.mouse.move(x, y + 128)
    await page.mouse.down()
    await page.mouse.move((await wave.place(8.0))[0], y + 128, steps=5)
    await page.mouse.up()
    await expect(rows.nth(1)).to_contain_text(re.compile(r"0:0(7\.9|8\.0)"))

    await rows.nth(1).get_by_role("button", name="マークを編集").click()
    await page.get_by_label("位置").nth(1).fill("0:02")
    await page.get_by_label("メモ").first.fill("最初の約束")
    await page.keyboard.press("Enter")
    await expect(rows.nth(1)).to_contain_text("最初の約束")
    await rows.nth(1).get_by_role("button", name="マークを削除").click()
    await page.get_by_role("dialog").get_by_role("button", name="マークを削除").click()
    await expect(rows).to_have_count(1)
    assert errors_of(page) == []


async def test_the_overview_moves_what_is_shown(context: BrowserContext, shelf: Shelf) -> None:
    shelf.put(*ten_seconds())
    wave = await opened(context)
    page = wave.page
    await page.keyboard.press("0")
    assert await wave.view() == (-OFFSET, 28 - OFFSET)
    for _ in range(3):
        await page.keyboard.press("+")
    first, last = await wave.view()
    assert last - first == pytest.approx(28 / 8)
    box = await page.locator("canvas.overview").bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    await page.mouse.move(box["x"] + box["width"] * ((first + last) / 2 + OFFSET) / 28, y)
    await page.mouse.down()
    await page.mouse.move(box["x"] + box["width"] * 0.9, y, steps=4)
    await page.mouse.up()
    first, last = await wave.view()
    assert last - first == pytest.approx(28 / 8)
    assert (first + last) / 2 == pytest.approx(28 * 0.9 - OFFSET, abs=0.3)
    assert errors_of(page) == []
