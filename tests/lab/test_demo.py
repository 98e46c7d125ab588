"""The demo as a stranger runs it: a process, a file that says it is ready, figures, and nothing left behind."""

import asyncio
import json
import os
import signal
import socket
import stat
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from pbx_bridge.demo.phones import Call, Farm
from tests.addresses import free_port, loopback


def ports() -> dict[str, str]:
    names = ("PBX_WEB_PORT", "PBX_SIP_PORT", "PBX_AMI_PORT", "PBX_AGI_PORT")
    return {name: str(free_port()) for name in names}


@asynccontextmanager
async def demo(*words: str, environment: dict[str, str] | None = None) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pbx_bridge.cli", "demo", *words),
        env={**os.environ, **(ports() if environment is None else environment)},
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            try:
                async with asyncio.timeout(30):
                    await process.communicate()
            except TimeoutError:
                process.kill()
                await process.communicate()


async def ready(process: asyncio.subprocess.Process, data: Path, within: float = 90.0) -> dict[str, Any]:
    async with asyncio.timeout(within):
        while not (data / "demo.json").exists():
            assert process.returncode is None, (await process.communicate())[1].decode()
            await asyncio.sleep(0.1)
    found: dict[str, Any] = json.loads((data / "demo.json").read_text())
    return found


def family(process: asyncio.subprocess.Process) -> list[psutil.Process]:
    children: list[psutil.Process] = psutil.Process(process.pid).children(recursive=True)
    return children


async def test_a_short_demo_with_traffic_writes_true_figures(tmp_path: Path) -> None:
    data, figures = tmp_path / "data", tmp_path / "report.json"
    async with demo("--data", str(data), "--for", "25s", "--report", str(figures)) as process:
        found = await ready(process, data)
        assert stat.S_IMODE((data / "demo.json").stat().st_mode) == 0o600
        roles = [account["role"] for account in found["accounts"]]
        assert roles.count("agent") >= 20
        children = family(process)
        async with asyncio.timeout(120):
            _, said = await process.communicate()
    assert process.returncode == 0, said.decode()
    report = json.loads(figures.read_text())
    assert report["errors"] == []
    assert report["agents_signed_in"] >= 8
    assert report["calls"]["inbound"] > 0
    assert sum(report["attempts"].values()) > 0
    assert report["disagreements"] == []
    assert report["drift"] == {"sip": 0, "bridge": 0, "asterisk": 0}
    assert report["recordings"] > 0
    assert report["peaks"] == report["recordings"]
    assert not [child for child in children if child.is_running()]
    assert not (data / "demo.json").exists()


async def test_without_traffic_a_foreign_phone_and_a_foreign_carrier_do_the_main_job(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with demo("--no-traffic", "--data", str(data)) as process:
        found = await ready(process, data)
        person, center = found["accounts"][0], found["centers"][0]
        address, _, port = found["carrier"]["listens"].partition(":")
        async with Farm(loopback(41)) as desks, Farm(address, int(port)) as outside:
            terminal = person["terminal"]
            phone = await desks.phone(terminal["sip_user"], terminal["sip_password"], found["sip"])
            sign_in = await phone.dial("0010")
            await key_credentials(sign_in, person)
            carrier = await outside.peer("carrier", found["sip"])
            customer = await carrier.dial(center["number"], caller="0900000001")
            desk = await phone.rings(within=15.0)
            await desk.answer()
            await customer.say(tone=1000)
            await desk.hears(1000)
            await customer.hang_up()
            await desk.ended()
            number = next(entry for entry in found["numbers"] if entry["function"] == "sign-in")
            mobile = number["callers"][0]
            away = await carrier.dial(number["number"], caller=mobile)
            await key_credentials(away, person)
            customer = await carrier.dial(center["number"], caller="0900000002")
            ringing = await carrier.rings(within=15.0)
            assert ringing.called == mobile
            await ringing.answer()
            await ringing.hears_something()
            await ringing.digits("1")
            await customer.say(tone=1000)
            await ringing.hears(1000)
            await customer.hang_up()
            await ringing.ended()


async def key_credentials(call: Call, person: dict[str, Any]) -> None:
    """To the end of the dialogue."""
    await call.answered()
    await call.hears_something()
    await call.digits(f"{person['dial_id']}#")
    await call.hears_nothing()  # the first key cuts the question short
    await call.hears_something()  # the next one
    await call.digits(f"{person['dial_password']}#")
    await call.ended(within=20.0)


async def test_it_dies_with_whoever_kills_it() -> None:
    """In a short folder: a deep one's control socket lies elsewhere, and nobody is left to clear that away."""
    with tempfile.TemporaryDirectory(prefix="pbx-", ignore_cleanup_errors=True) as folder:
        await _killed(Path(folder))


async def _killed(data: Path) -> None:
    async with demo("--no-traffic", "--data", str(data)) as process:
        await ready(process, data)
        children = family(process)
        assert children
        process.kill()
        async with asyncio.timeout(15):
            while any(lives(child) for child in children):
                await asyncio.sleep(0.1)


def lives(process: psutil.Process) -> bool:
    """It may go between two questions."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
async def test_told_to_end_while_it_starts_it_ends(tmp_path: Path, stop: signal.Signals) -> None:
    data = tmp_path / "data"
    async with demo("--no-traffic", "--data", str(data)) as process:
        async with asyncio.timeout(30):
            while not (data / "postgres").exists():
                await asyncio.sleep(0.02)
        process.send_signal(stop)
        async with asyncio.timeout(30):
            _, said = await process.communicate()
    assert process.returncode == 0, said.decode()
    assert "Traceback" not in said.decode()


async def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        environment = {**ports(), "PBX_WEB_PORT": str(other.getsockname()[1])}
        async with demo("--no-traffic", "--data", str(tmp_path), environment=environment) as process:
            _, said = await process.communicate()
    assert process.returncode == 2
    assert said.decode().count("\n") == 1
    assert "PBX_WEB_PORT" in said.decode()
