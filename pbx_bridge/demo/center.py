"""A whole call center of real parts, the bridge in a process of its own: for the demo and for the tests."""

import asyncio
import os
import signal
import sys
import urllib.request
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Self, TypeVar
from urllib.parse import urlsplit

import asyncpg

from dialplan.journal import CDR_FILE, CEL_FILE
from pbx_bridge.parts import asterisk, postgres
from pbx_bridge.parts.child import Child, spawn
from pbx_bridge.parts.errors import PartUnavailable
from pbx_bridge.services.prove import Prover
from pbx_bridge.store.migrate import migrate
from pbx_bridge.store.pool import open_pool

from . import layout
from .kept import Kept, kept, write_private
from .plan import Plan, refuse_taken
from .prompts import prompts, show
from .seed import seed, set_running
from .together import together
from .voices import voices

T = TypeVar("T")
Say = Callable[[str], None]

_READY_SECONDS = 40.0
_UNFINISHED = """
SELECT (SELECT count(*) FROM call WHERE ended_at IS NULL)
     + (SELECT count(*) FROM recording WHERE state IN ('recording', 'spooled'))
"""
_READ = "SELECT book, max(read_to) AS read_to FROM journal_position GROUP BY book"


class CallCenter:
    """`async with CallCenter(plan, print) as center:` — everything runs inside, nothing is left outside.

    Raises `PartUnavailable` or `Misconfigured`, each one line, when something cannot be had.
    """

    def __init__(self, plan: Plan, say: Say, *, carrier: bool = False) -> None:
        self.plan = plan
        self._say = say
        self._carrier = carrier
        self._stack = AsyncExitStack()
        self._bridge: Child | None = None

    async def __aenter__(self) -> Self:
        try:
            await self._enter()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _enter(self) -> None:
        refuse_taken(self.plan, carrier=self._carrier)
        self.plan.data.mkdir(parents=True, exist_ok=True)
        self.kept: Kept = kept(self.plan.data, self.plan.seed)
        self.install = await asyncio.to_thread(asterisk.find_or_fetch, self._say)
        self.voices: Path = await asyncio.to_thread(voices)
        self.prompts: Path = await asyncio.to_thread(prompts, self.kept.world, self._say)
        layout.write(self.plan, self.kept, self.voices / "music")
        await together(self._start_postgres(), self._start_asterisk())
        text = layout.settings(self.plan, self.kept.keys, self.dsn, self.prompts)
        write_private(self.plan.settings, text.encode())
        await self.start_bridge()

    async def _start_postgres(self) -> None:
        plan = self.plan
        self.postgres = await self._started(
            lambda: postgres.start_or_use(plan.data / "postgres", plan.dsn, plan.pg_port or None),
            lambda server: server.stop(),
        )
        self.dsn = self.postgres.dsn
        pool = await open_pool(self.dsn, size=2)
        try:
            steps = await migrate(pool)
            fresh = await seed(pool, self.kept.world, Prover(self.kept.keys.pepper.encode()).hash)
            await set_running(pool, running=self._carrier)
        finally:
            await pool.close()
        self._say(f"PostgreSQL: {len(steps)} migrations, {'people and lists written' if fresh else 'as it was'}")

    async def _start_asterisk(self) -> None:
        plan = self.plan
        self.asterisk = await self._started(
            lambda: asterisk.start(self.install, plan.etc, plan.asterisk), lambda running: running.stop()
        )
        show(self.prompts, self.asterisk.sounds_dir)
        self._say(f"Asterisk {self.install.version_text} on {plan.sip}")

    async def kill_asterisk(self) -> None:
        """SIGKILL: every call is gone, and so is whatever was only in its memory."""
        os.kill(self.asterisk.pid, signal.SIGKILL)
        await asyncio.to_thread(self.asterisk.stop)

    async def start_asterisk(self) -> None:
        """The same configuration, files and ports again."""
        await self._start_asterisk()

    async def _started(self, start: Callable[[], T], stop: Callable[[T], None]) -> T:
        """Start a part in a thread; it will be stopped, even if we are cancelled while it starts."""
        task = asyncio.create_task(asyncio.to_thread(start))

        async def end() -> None:
            with suppress(Exception):
                await asyncio.to_thread(stop, await task)

        self._stack.push_async_callback(end)
        return await asyncio.shield(task)

    async def stop_database(self) -> None:
        """As if its machine went away: whoever is connected is cut off."""
        await asyncio.to_thread(self.postgres.stop)

    async def start_database(self) -> None:
        """The same data on the same port again."""
        data, port = self.plan.data / "postgres", urlsplit(self.dsn).port
        self.postgres = await self._started(lambda: postgres.start(data, port), lambda server: server.stop())

    # -- the bridge ------------------------------------------------------------------------------------------------

    @property
    def bridge_pid(self) -> int:
        assert self._bridge is not None
        return self._bridge.pid

    @property
    def bridge_runs(self) -> bool:
        return self._bridge is not None and self._bridge.running

    async def start_bridge(self) -> None:
        """`pbx-bridge up`, until it says that it is ready. Raises `PartUnavailable` with its last words."""
        first = self._bridge is None
        command = [sys.executable, "-m", "pbx_bridge.cli", "up", "--config", str(self.plan.settings)]
        # The file says everything; a PBX_ variable meant for somebody else must not overrule it.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PBX_")}
        self._bridge = spawn(command, log=self.plan.data / "bridge.log", cwd=self.plan.data, environment=environment)
        if first:
            self._stack.push_async_callback(self.stop_bridge)
        await self.bridge_ready()
        self._say(f"the bridge on {self.plan.web}")

    async def bridge_ready(self, within: float = _READY_SECONDS) -> None:
        try:
            async with asyncio.timeout(within):
                while not await asyncio.to_thread(self._answers):
                    if not self.bridge_runs:
                        raise PartUnavailable(f"the bridge ended at its start: {self.last_words()}")
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise PartUnavailable(f"the bridge was not ready after {within:.0f} s: {self.last_words()}") from None

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.plan.web}/readyz", timeout=2.0) as answer:  # noqa: S310 - our own http
                return bool(answer.status == 200)
        except OSError:
            return False

    def last_words(self) -> str:
        """Why the bridge ended, as far as it can be told."""
        assert self._bridge is not None
        return self._bridge.last_words()

    async def signed_in(self) -> set[int]:
        """Ids of the people who are signed in, as the bridge has written it down."""
        connection = await asyncpg.connect(self.dsn)
        try:
            return {row["agent"] for row in await connection.fetch("SELECT agent FROM sign_in")}
        finally:
            await connection.close()

    async def all_written(self) -> bool:
        """Whether no call is open, Asterisk's files have been read to their end and no recording waits."""
        connection = await asyncpg.connect(self.dsn)
        try:
            open_rows = await connection.fetchval(_UNFINISHED)
            read = {row["book"]: row["read_to"] for row in await connection.fetch(_READ)}
        finally:
            await connection.close()
        files = {"cdr": self.asterisk.log_dir / CDR_FILE, "cel": self.asterisk.log_dir / CEL_FILE}
        behind = [book for book, file in files.items() if file.exists() and file.stat().st_size > read.get(book, 0)]
        return not open_rows and not behind

    async def stop_bridge(self) -> None:
        """As a service manager would: SIGTERM."""
        if self._bridge is not None:
            await asyncio.to_thread(self._bridge.stop, 10.0)

    async def kill_bridge(self) -> None:
        """SIGKILL: no time for last words."""
        assert self._bridge is not None
        os.kill(self._bridge.pid, signal.SIGKILL)
        await asyncio.to_thread(self._bridge.stop)
