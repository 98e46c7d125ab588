"""One run of the demo from start to end, with what it tells on the way."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from pbx_bridge.store.pool import open_pool

from .center import CallCenter
from .description import describe
from .folder import data_folder
from .kept import write_private
from .plan import Plan, from_environment
from .report import Seen, report
from .traffic import Traffic

Say = Callable[[str], None]
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Wishes(Struct, frozen=True):
    """The command line. `seconds` None: until Ctrl-C. `data` None: a folder that goes with the demo."""

    traffic: bool = True
    seconds: float | None = None
    data: Path | None = None
    report: Path | None = None
    listen: str = ""


async def run_demo(wishes: Wishes, say: Say) -> int:
    """0 after an orderly end, however it was asked for. Raises `PartUnavailable` or `Misconfigured`."""
    run = Run(wishes, say)
    work = asyncio.create_task(run.live())
    loop = asyncio.get_running_loop()

    def told() -> None:
        if run.told.is_set() or not run.ready:
            work.cancel()
        run.told.set()

    for number in _SIGNALS:
        loop.add_signal_handler(number, told)
    await asyncio.wait((work,))
    if not work.cancelled():
        work.result()
    run.say("ended; nothing is left running")
    return 0


class Run:
    """`told`: somebody wants it to end. The first word ends a ready demo in good order, any other at once."""

    def __init__(self, wishes: Wishes, say: Say) -> None:
        self._wishes = wishes
        self._print = say
        self._began = time.monotonic()
        self._since = time.time()
        self.told = asyncio.Event()
        self.ready = False

    def say(self, line: str) -> None:
        """A line of progress with the seconds since the start."""
        self._print(f"[{time.monotonic() - self._began:5.1f} s] {line}")

    async def live(self) -> None:
        """Start, run, end, all of it."""
        with data_folder(self._wishes.data) as data:
            plan = from_environment(data, os.environ, self._wishes.listen)
            plan.description.unlink(missing_ok=True)
            try:
                async with CallCenter(plan, self.say, carrier=self._wishes.traffic) as center:
                    await (self._with_traffic(center) if self._wishes.traffic else self._without(center))
                    self.say("ending")
            finally:
                plan.description.unlink(missing_ok=True)

    async def _with_traffic(self, center: CallCenter) -> None:
        async with Traffic(center, self.say) as traffic:
            ready_s = self._announce(center)
            await self._until_told(center, traffic.errors)
            if self._wishes.report:
                await traffic.quiet()
                await self._report(center, traffic.seen(ready_s))

    async def _without(self, center: CallCenter) -> None:
        errors: list[str] = []
        ready_s = self._announce(center)
        await self._until_told(center, errors)
        await self._report(center, Seen(ready_s, self._since, 0, None, [], errors))

    def _announce(self, center: CallCenter) -> float:
        describe(center)
        self.ready = True
        for line in _welcome(center.plan, center):
            self._print(line)
        if self._wishes.seconds is None:
            self._print("Ctrl-C ends it.\n")
        return time.monotonic() - self._began

    async def _until_told(self, center: CallCenter, errors: list[str]) -> None:
        watch = asyncio.create_task(self._watch(center, errors))
        try:
            async with asyncio.timeout(self._wishes.seconds):
                await self.told.wait()
        except TimeoutError:
            pass
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    async def _watch(self, center: CallCenter, errors: list[str]) -> None:
        """A bridge that died is started again, as a service manager would."""
        while True:
            await asyncio.sleep(0.5)
            if not center.bridge_runs:
                errors.append("the bridge ended unasked")
                self.say(f"the bridge ended: {center.last_words()}; starting it again")
                await center.start_bridge()
                describe(center)  # its process id changed

    async def _report(self, center: CallCenter, seen: Seen) -> None:
        if self._wishes.report is None:
            return
        pool = await open_pool(center.dsn, size=2)
        try:
            figures = await report(pool, seen, center.asterisk.log_dir, center.plan.vault)
        finally:
            await pool.close()
        write_private(self._wishes.report.absolute(), msgspec.json.format(msgspec.json.encode(figures)) + b"\n")
        self.say(f"report: {self._wishes.report}")


def _welcome(plan: Plan, center: CallCenter) -> Iterator[str]:
    people = center.kept.world.people
    shown = [next(p for p in people if p.role == role) for role in ("administrator", "supervisor", "agent")]
    yield ""
    yield f"  {plan.web}"
    yield ""
    for person in shown:
        yield f"  {person.role:13}  {person.login:28}  {person.password}"
    free = people[8]
    yield ""
    yield f"  a desk phone of your own: SIP {plan.sip}, user {free.extension}, password {free.sip_password}"
    yield f"  sign in there: dial 0010, ID {free.dial_id}#, password {free.dial_password}#"
    yield f"  everybody else: {plan.description}"
    if plan.sip_address != "127.0.0.1":
        yield f"  open to the network: SIP and RTP (UDP {plan.sip_port}, 10000-11999) and {plan.web}"
    yield ""
