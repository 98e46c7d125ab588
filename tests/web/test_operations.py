"""For those who run it: alive, ready, figures, and a document that tells the truth."""

import re
from typing import Any

import pytest

from pbx_bridge.core.errors import Misconfigured, Unreachable
from pbx_bridge.core.ids import AgentId
from pbx_bridge.ports.accounts import Account
from web.app import ALL, build
from web.context import WebPorts, WebSettings

from .conftest import UI, Enter
from .twins.calls import HistoriesTwin
from .twins.live import EngineTwin
from .twins.people import AccountsTwin


async def test_alive_and_ready(enter: Enter, twins: WebPorts, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = await enter(None)
    assert (await visitor.client.get("/healthz")).status == 200
    assert (await (await visitor.client.get("/readyz")).json())["ready"] is True
    assert isinstance(twins.engine, EngineTwin)
    for age in (60_000, None):  # None: not a word from Asterisk yet
        twins.engine.age_ms = age
        answer = await visitor.client.get("/readyz")
        assert (answer.status, (await answer.json())["asterisk"]) == (503, False)
    twins.engine.age_ms = 0

    async def away(self: AccountsTwin, id: AgentId) -> Account | None:
        raise Unreachable("PostgreSQL is away")

    monkeypatch.setattr(AccountsTwin, "by_id", away)
    answer = await visitor.client.get("/readyz")
    assert (answer.status, (await answer.json())["database"]) == (503, False)


async def test_figures_are_for_this_machine_or_an_administrator(enter: Enter) -> None:
    visitor = await enter(None)
    text = await (await visitor.client.get("/metrics")).text()
    assert "pbx_calls_waiting 4\n" in text
    proxied = {"X-Forwarded-For": "203.0.113.9"}
    assert (await visitor.client.get("/metrics", headers=proxied)).status == 403
    assert (await (await enter("administrator")).client.get("/metrics", headers=proxied)).status == 200


async def test_the_document_names_every_route_with_its_roles(enter: Enter) -> None:
    document: dict[str, Any] = await (await (await enter(None)).client.get("/api/v1/openapi.json")).json()
    described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert described == {(r.method, r.path) for r in ALL if r.is_api or r.path in ("/healthz", "/readyz", "/metrics")}
    assert document["paths"]["/api/v1/audit"]["get"]["x-roles"] == ["administrator"]
    ids = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(ids) == len(set(ids))


async def test_parts_pictures_and_lists_are_described_as_what_they_are(enter: Enter) -> None:
    document = await (await (await enter(None)).client.get("/api/v1/openapi.json")).json()
    paths = document["paths"]
    assert set(paths["/api/v1/calls/{id}/recording"]["get"]["responses"]) == {"200", "206", "default"}
    assert set(paths["/readyz"]["get"]["responses"]) == {"200", "503", "default"}
    assert "image/png" in paths["/api/v1/me/icon"]["put"]["requestBody"]["content"]
    assert list(paths["/api/v1/batches/{id}/leads"]["post"]["requestBody"]["content"]) == ["text/csv"]
    limit = next(p for p in paths["/api/v1/calls"]["get"]["parameters"] if p["name"] == "limit")
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}


async def test_the_document_names_the_cookie_that_signing_in_sets(enter: Enter) -> None:
    visitor = await enter("agent")
    document = await (await visitor.client.get("/api/v1/openapi.json")).json()
    names = {cookie.key for cookie in visitor.client.session.cookie_jar}
    assert document["components"]["securitySchemes"]["session"]["name"] in names


async def test_every_reference_of_the_document_leads_somewhere(enter: Enter) -> None:
    text = await (await (await enter(None)).client.get("/api/v1/openapi.json")).text()
    document = await (await (await enter(None)).client.get("/api/v1/openapi.json")).json()
    for name in set(re.findall(r'"#/components/schemas/([^"]+)"', text)):
        assert name in document["components"]["schemas"]


async def test_answers_are_what_the_document_says(enter: Enter) -> None:
    """The required members of each schema are in each answer."""
    visitor = await enter("administrator")
    document = await (await visitor.client.get("/api/v1/openapi.json")).json()
    for path, item in document["paths"].items():
        content = item.get("get", {}).get("responses", {}).get("200", {}).get("content", {}).get("application/json")
        if content is None or "{" in path or path == "/api/v1/openapi.json" or "peaks" in path:
            continue
        body = await (await visitor.client.get(path)).json()
        schema = content["schema"]
        rows, schema = (body, schema["items"]) if schema.get("type") == "array" else ([body], schema)
        named = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        for row in rows:
            assert set(named.get("required", ())) <= set(row), path


def test_without_browser_parts_it_does_not_start(twins: WebPorts) -> None:
    with pytest.raises(Misconfigured, match="run `make ui`"):
        build(twins, WebSettings(static=UI / "nowhere"))


async def test_an_error_of_ours_tells_nothing(
    enter: Enter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = await enter("administrator")

    async def broken(self: AccountsTwin) -> list[Account]:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(AccountsTwin, "all", broken)
    answer = await visitor.client.get("/campaigns", headers={"Accept": "text/html"})
    text = await answer.text()
    assert answer.status == 500
    assert "secret detail" not in text
    assert "secret detail" in caplog.text


async def test_the_database_away_is_a_passing_problem(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = await enter("administrator")

    async def away(self: object, *arguments: object) -> None:
        raise Unreachable("PostgreSQL did not answer")

    monkeypatch.setattr(HistoriesTwin, "audit", away)
    answer = await visitor.client.get("/api/v1/audit")
    assert (answer.status, (await answer.json())["type"]) == (503, "urn:pbx-bridge:problem:unreachable")
    assert answer.headers["Retry-After"] == "2"


async def test_static_parts_are_kept_by_version_and_zipped(enter: Enter) -> None:
    visitor = await enter(None)
    page = await (await visitor.client.get("/sign-in")).text()
    urls = re.findall(r'"(/static/[^"]+)"', page)
    assert len(urls) == 2
    total = 0
    for url in urls:
        answer = await visitor.client.get(url, headers={"Accept-Encoding": "gzip"})
        assert (answer.status, answer.headers["Content-Encoding"]) == (200, "gzip")
        assert "immutable" in answer.headers["Cache-Control"]
        total += len(await answer.read())
        again = await visitor.client.get(url, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status == 304
    assert total < 150_000
