"""A changed provision takes effect while people talk and wait: `pbx-bridge reload` beside a running call center."""

import asyncio
import json
import shlex
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from msgspec.structs import replace

from dialplan.provision import Provision
from pbx_bridge.core.treatment import Treatment, Way
from pbx_bridge.demo import layout
from pbx_bridge.demo.center import CallCenter
from pbx_bridge.demo.world import World, invent
from tests.lab.lab import Lab
from tests.lab.open_center import open_center, open_lab

from .test_centers import queued

TALKING, PATIENT, SHUT, NEW = "7001", "7002", "7003", "7004"
AGENT, CUSTOMER = 440, 1000


def _world() -> World:
    """Two centers: one where people talk, one without agents whose callers are sent away after some seconds."""
    world = invent(seed=13)
    people = [person for person in world.people if person.id <= 2 or person.role != "agent"]
    talking = replace(world.places[0], members=[1], treatment=Treatment(overflow_seconds=120))
    patient = replace(world.places[1], members=[], treatment=Treatment(overflow_seconds=15))
    shut = replace(world.places[2], members=[], treatment=Treatment(overflow_seconds=120))
    return replace(world, people=people, places=[talking, patient, shut], campaigns=[])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def center() -> AsyncIterator[CallCenter]:
    async with open_center(_world(), 51) as center:
        yield center


@pytest_asyncio.fixture(loop_scope="module")
async def lab(center: CallCenter) -> AsyncIterator[Lab]:
    async with open_lab(center) as lab:
        yield lab


def toml(value: object) -> str:
    """One line, tables inline."""
    match value:
        case dict():
            pairs = (f"{json.dumps(key)} = {toml(inner)}" for key, inner in value.items() if inner is not None)
            return "{ " + ", ".join(pairs) + " }"
        case list() | tuple():
            return f"[{', '.join(map(toml, value))}]"
        case _:
            return json.dumps(value, ensure_ascii=False)


class Desk:
    """Where an administrator changes the provision: its file, and settings that name it."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        plan, kept = lab.center.plan, lab.center.kept
        self.provision = layout.provision(plan, kept, lab.center.voices / "music")
        self.file, self.settings, console = (folder / name for name in ("provision.toml", "pbx.toml", "console"))
        console.write_text(f'#!/bin/sh\nexec {shlex.join(lab.center.asterisk.program)} "$@"\n')
        console.chmod(0o700)
        own = {"file": str(self.file), "asterisk": str(plan.etc), "console": str(console)}
        lines = "".join(f"{name} = {toml(value)}\n" for name, value in own.items())
        self.settings.write_text(f"{plan.settings.read_text()}\n[provision]\n{lines}")

    async def reload(self, provision: Provision, *words: str, status: int = 0) -> str:
        """What the command says."""
        tree = msgspec.to_builtins(provision, enc_hook=int)
        self.file.write_text("".join(f"{key} = {toml(value)}\n" for key, value in tree.items()))
        command = [sys.executable, "-m", "pbx_bridge.cli", "reload", "--config", str(self.settings), *words]
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
        said, wrong = await process.communicate()
        assert process.returncode == status, wrong.decode()
        return (wrong if status == 2 else said).decode()


@pytest.mark.asyncio(loop_scope="module")
async def test_calls_go_on_while_their_centers_change(lab: Lab, tmp_path: Path) -> None:
    desk = Desk(lab, tmp_path)
    talking, patient, shut = desk.provision.centers
    phone = await lab.sign_in(lab.people[0])
    customer = await lab.customer(TALKING)
    ringing = await phone.rings(within=15.0)
    await ringing.answer()
    await ringing.say(tone=AGENT)
    await customer.hears(AGENT)
    waiting = await queued(lab, PATIENT)

    changed = replace(
        desk.provision,
        centers=(
            replace(talking, center=replace(talking.center, name="受付", wrap_up_seconds=2.0), max_calls=1),
            # Steps before and after the one the caller is in, who must not be sent through one twice or past one.
            replace(patient, max_calls=5, max_waiting=5, greeting=False, full=Way("callback")),
            replace(shut, center=replace(shut.center, extension=NEW)),
        ),
        numbers=tuple(
            replace(number, center=NEW if number.center == SHUT else number.center) for number in desk.provision.numbers
        ),
    )
    would = await desk.reload(changed, "--dry-run", status=1)
    assert "7001 受付 (name, wrap_up_seconds, max_calls)" in would
    assert "Asterisk reads queues.conf, extensions.conf" in would
    assert (await lab.console("queue show")).count(f"center-{NEW}") == 0
    assert await desk.reload(changed) == would
    assert await desk.reload(changed) == "nothing to change\n"

    await customer.hears(AGENT)
    assert waiting.progress == "up"
    second = await lab.customer(TALKING)
    await second.ended()
    assert second.code == 486, "the new cap holds, and counts the call that began before"
    moved = await queued(lab, SHUT)  # its number leads to the new extension now
    assert (await lab.console(f"queue show center-{NEW}")).count("PJSIP/carrier") == 1
    await moved.hang_up()
    await waiting.ended(within=40.0)
    call = await lab.call_of(waiting)
    story = [(step["kind"], step["detail"]) for step in await lab.story(call["id"])]
    assert [step for step in story if step[0] in ("queued", "turned_away")] == [
        ("queued", "1"),
        ("turned_away", "late"),
    ]
    await customer.hang_up()
    await ringing.ended()
    await lab.condition(lab.people[0], "wrap_up")
    await lab.condition(lab.people[0], "available")
    assert (await lab.call_of(customer))["result"] == "answered"
    status, body = await lab.web.send("GET", "centers")
    assert status == 200
    assert "受付" in json.dumps(body, ensure_ascii=False)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_mistake_changes_nothing_and_is_one_line(lab: Lab, tmp_path: Path) -> None:
    desk, before = Desk(lab, tmp_path), (lab.center.plan.etc / "extensions.conf").read_text()
    first, *others = desk.provision.centers
    wrong = replace(desk.provision, centers=(replace(first, center=replace(first.center, name="")), *others))
    said = await desk.reload(wrong, status=2)
    assert (said.count("\n"), "1 to 60 characters" in said) == (1, True)
    (tmp_path / "console").write_text("#!/bin/sh\nexit 1\n")
    said = await desk.reload(desk.provision, status=2)
    assert (said.count("\n"), "Asterisk does not answer; nothing was changed" in said) == (1, True)
    assert (lab.center.plan.etc / "extensions.conf").read_text() == before
