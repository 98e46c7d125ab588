"""A shift whose parts fail: app_queue, board and database agree again within three seconds, and no second is lost.

`PBX_TEST_STATUS_CHANGES=1000` makes the long version of the second test.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from random import Random
from time import monotonic

import aiohttp
import asyncpg

from pbx_bridge.demo.world import Person

from .lab import Lab
from .shift import STATUSES, Shift

CONVERGED_SECONDS = 3.0
CHANGES = int(os.environ.get("PBX_TEST_STATUS_CHANGES", "80"))
_A_FAULT_EACH = 200
"""Changes a round of all faults."""
_WORKERS = 4
_SUMS = """
SELECT agent, extract(epoch FROM now() - min(since))::float8 AS shift,
       extract(epoch FROM sum(coalesce(until, now()) - since))::float8 AS sum
FROM status_interval WHERE since >= (SELECT since FROM sign_in s WHERE s.agent = status_interval.agent)
GROUP BY agent
"""


async def test_after_asterisks_death_its_queues_are_the_bridges_table(lab: Lab) -> None:
    random = Random(20)
    async with Shift(lab) as shift:
        for person in shift.people[::2]:
            assert await shift.change(person, random.choice(STATUSES))
        await lab.until(shift.held, lambda held: len(held) == 3)
        await lab.center.kill_asterisk()
        await shift.linked(False)
        for person in shift.people[::3]:  # work goes on, and app_queue is told later
            assert await shift.change(person, random.choice(STATUSES))
        await lab.center.start_asterisk()
        await shift.linked(True)
        wanted = shift.wanted(await shift.board())
        assert sum(map(len, wanted.values())) == 20 + 8 + 8
        await lab.until(shift.held, lambda held: held == wanted, CONVERGED_SECONDS, f"app_queue as {wanted}")


class Turmoil:
    """People change status all the time while one part after the other fails."""

    def __init__(self, shift: Shift, random: Random) -> None:
        self.shift, self.lab, self._random = shift, shift.lab, random
        self.made = 0
        self.possible: dict[int, set[str]] = {person.id: {"available"} for person in shift.people}
        """What may be on now: the last status that was confirmed, and those asked for since without an answer."""
        self._over = False

    async def run(self, changes: int) -> None:
        kinds: list[Callable[[], Awaitable[None]]] = [self._bridge, self._asterisk, self._database, self._link]
        faults = kinds * max(1, changes // _A_FAULT_EACH)
        self._random.shuffle(faults)
        async with asyncio.TaskGroup() as group:
            for n in range(_WORKERS):
                group.create_task(self._work(self.shift.people[n::_WORKERS], changes))
            for n, fault in enumerate(faults):
                while self.made < changes * n / len(faults):
                    await asyncio.sleep(0.05)
                await fault()
            self._over = True

    async def _work(self, people: list[Person], changes: int) -> None:
        while not self._over or self.made < changes:
            person = self._random.choice(people)
            status = self._random.choice(STATUSES)
            self.possible[person.id].add(status)
            if await self.shift.change(person, status):
                self.possible[person.id] = {status}
                self.made += 1
            await asyncio.sleep(0.02)

    async def _bridge(self) -> None:
        await self.lab.center.kill_bridge()
        await self.lab.center.start_bridge()
        await self.shift.linked(True)

    async def _asterisk(self) -> None:
        await self.lab.center.kill_asterisk()
        await self.lab.center.start_asterisk()
        await self.shift.linked(True)

    async def _database(self) -> None:
        await self.lab.center.stop_database()
        await self.lab.center.start_database()

    async def _link(self) -> None:
        await self.lab.cut_manager_sessions()
        await self.shift.linked(True)

    async def converged(self) -> bool:
        """Board, database and app_queue say the same, and nothing that nobody asked for."""
        try:
            board, database = await self.shift.board(), await self.shift.database()
        except (aiohttp.ClientError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        return (
            board == database
            and board.keys() == self.possible.keys()
            and all(status in self.possible[agent] for agent, status in board.items())
            and await self.shift.held() == self.shift.wanted(board)
        )


async def test_statuses_change_while_everything_fails(lab: Lab) -> None:
    seed = int(os.environ.get("PBX_TEST_SEED", "5"))
    async with Shift(lab) as shift:
        turmoil = Turmoil(shift, Random(seed))
        began = monotonic()
        await turmoil.run(CHANGES)
        print(f"seed {seed}: {turmoil.made} changes in {monotonic() - began:.0f} s")
        ended = monotonic()
        await lab.until(turmoil.converged, bool, CONVERGED_SECONDS, f"everything agrees, seed {seed}")
        print(f"converged after {monotonic() - ended:.2f} s")
        sums = await lab.pool.fetch(_SUMS)
        assert len(sums) == len(shift.people)
        worst = max(abs(row["sum"] - row["shift"]) for row in sums)
        print(f"sums of statuses: off by at most {worst:.3f} s")
        assert worst <= 1.0
