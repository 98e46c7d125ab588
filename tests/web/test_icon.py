"""My picture: known by its content, of bounded size, shown where my name stands."""

import contextlib
import io

import pytest
from aiohttp import FormData
from hypothesis import given
from hypothesis import strategies as st

from pbx_bridge.ports.icons import ICON_BYTES, Icon, IconType
from web.context import WebPorts
from web.pictures import icon_of
from web.problems import Problem

from .conftest import Enter
from .pictures import GIF, PNG, jpeg, png
from .twins.people import IconsTwin

ICON = "/api/v1/me/icon"


@pytest.mark.parametrize(
    ("body", "kind"),
    [(PNG, "image/png"), (GIF, "image/gif"), (jpeg(640, 480), "image/jpeg"), (png(4096, 4096), "image/png")],
)
def test_a_picture_is_what_its_bytes_are(body: bytes, kind: IconType) -> None:
    assert icon_of(body) == Icon(kind, body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"\xff\xd8\xff\xe0",
        b"BM" * 40,
    ],
)
def test_whatever_else_is_refused(body: bytes) -> None:
    with pytest.raises(Problem, match="invalid"):
        icon_of(body)


@pytest.mark.parametrize("body", [png(4097, 1), png(1, 0), jpeg(60_000, 2), PNG + bytes(ICON_BYTES)])
def test_too_large_is_refused(body: bytes) -> None:
    with pytest.raises(Problem, match="too-large"):
        icon_of(body)


@given(st.binary(max_size=64), st.sampled_from([b"", b"\xff\xd8\xff", PNG[:20], GIF[:8]]))
def test_no_bytes_break_the_looking(tail: bytes, head: bytes) -> None:
    with contextlib.suppress(Problem):
        assert icon_of(head + tail).body == head + tail


async def test_a_picture_comes_back_as_it_was_sent(enter: Enter) -> None:
    visitor = await enter("agent")
    sent = await visitor.client.put(ICON, data=PNG, headers=visitor.headers | {"Content-Type": "text/html"})
    assert sent.status == 204
    name = (await (await visitor.client.get("/api/v1/me")).json())["account"]["icon"]
    shown = await visitor.client.get(ICON, params={"v": name})
    assert (shown.content_type, await shown.read()) == ("image/png", PNG)
    assert "immutable" in shown.headers["Cache-Control"]
    assert (await visitor.client.get(ICON, headers={"If-None-Match": shown.headers["ETag"]})).status == 304
    assert (await (await enter("supervisor")).client.get(ICON)).status == 404


async def test_too_much_is_refused_before_it_is_read(enter: Enter) -> None:
    visitor = await enter("agent")
    answer = await visitor.client.put(ICON, data=io.BytesIO(PNG + bytes(ICON_BYTES)), headers=visitor.headers)
    assert (answer.status, (await answer.json())["type"]) == (413, "urn:pbx-bridge:problem:too-large")


async def test_the_form_sends_shows_and_removes_it(enter: Enter, twins: WebPorts) -> None:
    visitor = await enter("agent")
    page = await visitor.client.post("/me/icon", data=_form(visitor.csrf, jpeg(2, 2)))
    text = await page.text()
    assert text.count('src="/api/v1/me/icon?v=') == 2
    assert isinstance(twins.icons, IconsTwin)
    assert [icon.media_type for icon in twins.icons.icons.values()] == ["image/jpeg"]
    wrong = await visitor.client.post("/me/icon", data=_form(visitor.csrf, b"<svg/>"))
    assert wrong.status == 400
    assert "JPG・PNG・GIF の画像ではありません" in await wrong.text()
    gone = await visitor.client.post("/me/icon/remove", data={"csrf": visitor.csrf})
    assert "/api/v1/me/icon?v=" not in await gone.text()


def _form(csrf: str, body: bytes) -> FormData:
    form = FormData()
    form.add_field("csrf", csrf)
    form.add_field("icon", body, filename="me.png", content_type="image/png")
    return form
