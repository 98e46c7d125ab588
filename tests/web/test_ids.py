"""Ids are opaque strings outside: in the document, and in what is really answered."""

from collections.abc import Iterator
from typing import Any

from .conftest import Enter

THINGS = {"agent", "batch", "by", "call", "calls", "campaign", "center", "id", "job", "jobs", "lead", "mark", "members"}
COUNTS = {"Export.calls"}
"""How many calls an archive holds."""


def is_id(name: str) -> bool:
    return name in THINGS or name.endswith("_id")


def types(schema: Any) -> Iterator[str]:
    """Every JSON type a schema allows, of an array's members too."""
    match schema:
        case dict():
            if isinstance(schema.get("type"), str):
                yield schema["type"]
            for key in ("anyOf", "oneOf", "allOf"):
                for one in schema.get(key, ()):
                    yield from types(one)
            yield from types(schema.get("items"))
        case _:
            return


def numbers(value: Any, path: str = "") -> Iterator[str]:
    """Where in an answer an id is a number."""
    match value:
        case dict():
            for name, inner in value.items():
                inside = inner if isinstance(inner, list) else [inner]
                if is_id(name) and any(isinstance(one, int | float) for one in inside):
                    yield f"{path}.{name}"
                yield from numbers(inner, f"{path}.{name}")
        case list():
            for inner in value:
                yield from numbers(inner, f"{path}[]")
        case _:
            return


async def test_in_the_document(enter: Enter) -> None:
    document = await (await (await enter(None)).client.get("/api/v1/openapi.json")).json()
    properties = {
        f"{name}.{member}": schema
        for name, kind in document["components"]["schemas"].items()
        for member, schema in kind.get("properties", {}).items()
        if is_id(member)
    }
    parameters = {
        f"{path}?{parameter['name']}": parameter["schema"]
        for path, item in document["paths"].items()
        for operation in item.values()
        for parameter in operation["parameters"]
        if is_id(parameter["name"]) or parameter["in"] == "path"
    }
    named = {**properties, **parameters}
    assert len(named) > 60
    assert {place for place, schema in named.items() if {"integer", "number"} & set(types(schema))} == COUNTS


async def test_in_every_answer(enter: Enter) -> None:
    visitor = await enter("administrator")
    document = await (await visitor.client.get("/api/v1/openapi.json")).json()
    fill = {"{id}": "1", "/calls/1": "/calls/0demo0call00"}
    met = 0
    for path, item in document["paths"].items():
        if "get" not in item or path in ("/api/v1/openapi.json", "/api/v1/live"):
            continue
        for part, value in fill.items():
            path = path.replace(part, value)
        answer = await visitor.client.get(path, headers={"Accept": "application/json"})
        if answer.status == 200 and answer.content_type == "application/json":
            met += 1
            assert list(numbers(await answer.json(), path)) == []
    assert met > 15


async def test_on_the_live_socket(enter: Enter) -> None:
    visitor = await enter("supervisor")
    origin = str(visitor.client.make_url("")).rstrip("/")
    async with visitor.client.ws_connect("/api/v1/live", headers={"Origin": origin}) as page:
        snapshot = await page.receive_json()
    assert snapshot["agents"]
    assert list(numbers(snapshot)) == []
    assert isinstance(snapshot["data_age_ms"], int)


async def test_what_is_no_id_is_one_nobody_has(enter: Enter) -> None:
    visitor = await enter("administrator")
    for path in ("/api/v1/centers/{}", "/api/v1/call-jobs/{}", "/api/v1/exports/{}", "/api/v1/callbacks/{}"):
        unknown = await visitor.client.get(path.format("999"))
        for id in ("x", "0x1", "٣", "1 ", "9" * 40, "-1"):
            answer = await visitor.client.get(path.format(id))
            problem = await answer.json()
            assert (answer.status, problem["type"]) == (404, (await unknown.json())["type"]), path
        assert (await visitor.client.get(path.format("%00"))).status == 404
    for name in ("agent", "center"):
        answer = await visitor.client.get("/api/v1/calls", params={name: "x"})
        problem = await answer.json()
        assert (answer.status, [error["field"] for error in problem["errors"]]) == (400, [name])
