"""Twenty agents at work, without their telephones: what each is doing by the board, the database and app_queue."""

import asyncio
import re
from collections.abc import Mapping
from typing import Self

import aiohttp

from pbx_bridge.demo.world import Person

from .lab import Lab

AGENTS = 20
STATUSES = ("available", "break", "away", "wrap_up")
_MEMBER = re.compile(r"\(PJSIP/(\d+)\)(.*)")
_SIGN_IN = """
INSERT INTO sign_in (agent, terminal, since) SELECT n, n, now() FROM generate_series(1, $1::int) AS n
"""
_END = "UPDATE status_interval SET until = now() WHERE until IS NULL"
"""Whoever worked before is logged off, which is an interval too."""
_BEGIN = """
INSERT INTO status_interval (agent, since, condition, status, reason, source, terminal)
SELECT agent, since, 'available', 'available', 'sign-in', 'phone', terminal FROM sign_in
"""

Table = Mapping[str, Mapping[str, bool]]
"""Queue → extension → paused."""


class Shift:
    """`async with Shift(lab):` signed in as the database remembers them after a restart, and out again at the end."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.people: list[Person] = lab.people[:AGENTS]

    async def __aenter__(self) -> Self:
        await self.lab.center.stop_bridge()
        await self.lab.pool.execute(_END)
        await self.lab.pool.execute(_SIGN_IN, AGENTS)
        await self.lab.pool.execute(_BEGIN)
        await self.lab.center.start_bridge()
        await self.linked(True)
        return self

    async def __aexit__(self, *_: object) -> None:
        for person in self.people:
            await self.lab.web.send("PUT", f"agents/{person.id}/status", {"status": "logged_off"})
        await self.lab.none("SELECT 1 FROM sign_in")

    async def change(self, person: Person, status: str) -> bool:
        """By the supervisor's API; False when nobody knows what came of it."""
        try:
            async with asyncio.timeout(10.0):
                answer, _ = await self.lab.web.send("PUT", f"agents/{person.id}/status", {"status": status})
        except (aiohttp.ClientError, TimeoutError):
            return False
        return answer == 200

    async def linked(self, up: bool, within: float = 20.0) -> None:
        """Until the bridge says so."""
        await self.lab.until(self._linked, lambda seen: seen == up, within, f"the link is {up}")

    async def _linked(self) -> bool | None:
        try:
            return all(node["up"] for node in (await self.lab.web.snapshot())["nodes"])
        except aiohttp.ClientError:
            return None

    async def board(self) -> dict[int, str]:
        """Agent → chosen status, of those who are signed in."""
        rows = (await self.lab.web.snapshot())["agents"]
        return {int(row["id"]): row["status"] for row in rows if row["condition"] != "logged_off"}

    async def database(self) -> dict[int, str]:
        """The same by the open intervals."""
        rows = await self.lab.pool.fetch("SELECT agent, status FROM status_interval WHERE until IS NULL")
        return {row["agent"]: row["status"] for row in rows if row["status"] != "logged_off"}

    def wanted(self, statuses: Mapping[int, str]) -> Table:
        """What app_queue should hold while these statuses are on."""
        extensions = {person.id: person.extension for person in self.lab.people}
        return {
            f"center-{place.extension}": {extensions[id]: statuses[id] != "available" for id in sorted(members)}
            for place in self.lab.center.kept.world.places
            if (members := set(place.members) & statuses.keys())
        }

    async def held(self) -> Table:
        """What `queue show` says."""
        table: dict[str, dict[str, bool]] = {}
        queue = ""
        for line in (await self.lab.console("queue show")).splitlines():
            if line.startswith("center-"):
                queue = line.split()[0]
            elif found := _MEMBER.search(line):
                table.setdefault(queue, {})[found[1]] = "(paused" in found[2]
        return {queue: dict(sorted(members.items())) for queue, members in table.items()}
