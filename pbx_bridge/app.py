"""The composition root: every part of the service is made here, tied to the others, and run until told to stop."""

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta
from time import time

from agi import token
from agi.dialogues.operations import Operations
from agi.routes import routes
from agi.server import Server
from dialplan.codes import DialCodes
from dialplan.provision import PAUSE_KEY, Provision
from pbx_bridge.core.directory import Directory
from recordings.vault import Vault
from web.app import build
from web.context import WebPorts, WebSettings
from web.door import listening

from .ami.decode import Decoder
from .ami.inbox import Batch, Delivery, Down, Up
from .ami.link import Address, Link
from .ami.login import Account
from .ami.pair import LinkPair
from .app_provision import check_prompts, follow_provision, read_provision
from .app_recordings import RecordingParts, open_vault
from .core.commands import ClaimLeads, CountCallbacks, Lead, Reconfigure
from .core.errors import Garbled, Misconfigured, Rejected, Unreachable
from .core.events import LinkDown
from .core.ids import CenterId, NodeId
from .core.projection import Board
from .core.switchboard import Switchboard
from .engine import Engine
from .services.dial_credentials import DialCredentials
from .services.first_administrator import first_administrator
from .services.prove import Prover
from .settings import Settings
from .store.accounts import AccountRows, TerminalRows
from .store.audit import AuditLog
from .store.callbacks import CallbackRows, owed
from .store.campaigns import CampaignRows
from .store.centers import CenterRows
from .store.claims import Claims
from .store.directory import load_directory
from .store.directory_watch import directories
from .store.facts import FactWriter
from .store.history import HistoryRows
from .store.icons import IconRows
from .store.journal import Journal
from .store.lockouts import LockoutRows
from .store.migrate import pending
from .store.node_lock import NodeLock, node_lock
from .store.pool import Pool, open_pool
from .store.recording_marks import MarkRows
from .store.recovery import load_recovery
from .store.redials import RedialRows
from .store.repair import repair
from .store.sessions import SessionRows

_log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[object]]

EXTEND_EVERY = 120.0
"""Seconds between two renewals of the leases on claimed leads."""
REPAIR_EVERY = 5.0
COUNT_EVERY = 2.0
SEED_AGAIN = 1.0
"""Seconds until a seed that could not be read is tried again."""
LAST_WORDS = 2.0
"""Seconds that dialogues have to end when the service stops."""


async def serve(settings: Settings) -> None:
    """Until SIGTERM, SIGINT or cancellation. Raises `Misconfigured`, one line, when it cannot start."""
    loop, running = asyncio.get_running_loop(), asyncio.create_task(_serve(settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        _log.info("stopped")
    except BaseExceptionGroup as group:
        raise _first(group) from None
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def _first(group: BaseExceptionGroup) -> BaseException:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner


async def _serve(settings: Settings) -> None:
    provision = read_provision(settings)
    check_prompts(settings, provision)
    vault = open_vault(settings)
    pool = await open_pool(settings.database.dsn, size=settings.database.pool)
    try:
        if steps := await pending(pool):
            raise Misconfigured(f"the database lacks {len(steps)} migrations: run `pbx-bridge migrate`")
        async with node_lock(settings.database.dsn, NodeId(settings.node.name)) as lock:
            if provision is not None:
                await follow_provision(pool, provision)
            await Service(settings, pool, vault, provision).run(lock)
    finally:
        pool.terminate()


class Service:
    """One bridge beside one Asterisk."""

    def __init__(self, settings: Settings, pool: Pool, vault: Vault, provision: Provision | None = None) -> None:
        self.settings, self.pool, self.provision = settings, pool, provision
        self.node = NodeId(settings.node.name)
        self.recordings = RecordingParts(settings, pool, self.node, vault)
        self.pair = _links(settings)
        self.decoder = Decoder()
        self.claims = Claims(pool)
        self.prover = Prover(settings.secrets.pepper.encode())
        self._owed: tuple[tuple[CenterId, int], ...] = ()
        self.journal = Journal(pool, self.node, settings.journal.directory)

    async def run(self, lock: NodeLock) -> None:
        """Until cancelled."""
        # What Asterisk wrote while we were away comes first: what it closed need not be believed open.
        await self.journal.catch_up()
        await repair(self.pool, self.node, timedelta(0))
        await self._first_administrator()
        self.directory = await load_directory(self.pool)
        recovery = await load_recovery(self.pool, self.node, self.settings.node.zone)
        self.engine = Engine(
            Switchboard(self.node, self.directory, recovery),
            Board(self.directory, recovery),
            FactWriter(self.pool, self.node),
            self.pair,
            self._claim,
            lambda: self.pair.silence_s,
        )
        async with self._dialogues(), self._pages(), asyncio.TaskGroup() as group:
            _log.info(
                "started: node %s, web on %s:%d; taken over: %d agents signed in, %d open calls, %d open attempts",
                self.node,
                self.settings.web.host,
                self.settings.web.port,
                len(recovery.agents),
                len(recovery.calls),
                len(recovery.attempts),
            )
            group.create_task(lock.keep())
            group.create_task(self.engine.run())
            group.create_task(self.pair.run(self._consume))
            group.create_task(self.journal.follow())
            group.create_task(self._follow_directory())
            group.create_task(self.recordings.run())
            group.create_task(self._every(COUNT_EVERY, self._count_callbacks))
            group.create_task(self._every(REPAIR_EVERY, lambda: repair(self.pool, self.node)))
            group.create_task(self._every(EXTEND_EVERY, lambda: self.claims.extend(self.node, time())))

    async def _first_administrator(self) -> None:
        if made := await first_administrator(AccountRows(self.pool), self.prover.hash):
            # Not the log: that is kept.
            print(f"no accounts yet: sign in as {made.login} with {made.password} (shown once)", file=sys.stderr)

    # -- Asterisk --------------------------------------------------------------------------------------------------

    async def _consume(self, delivery: Delivery) -> None:
        match delivery:
            case Up(_, version):
                _log.info("Asterisk is connected (AMI %s)", version)
                await self._seed()
            case Down(reason):
                await self.engine.hear([LinkDown(reason)])
            case Batch(packets):
                await self.engine.hear(self.decoder.decode(packets))

    async def _seed(self) -> None:
        while self.pair.observer_up:
            try:
                await self.engine.hear([await self.pair.seed()])
            except (Garbled, Rejected, Unreachable) as error:
                _log.warning("Asterisk cannot be read: %s", error)
                await asyncio.sleep(SEED_AGAIN)
            else:
                return

    async def _claim(self, wanted: ClaimLeads) -> list[Lead]:
        return await self.claims.claim(wanted.job, wanted.count, self.node, time())

    async def _follow_directory(self) -> None:
        """Whoever changes accounts, centers or jobs: the switchboard knows within a moment."""
        async with aclosing(directories(self.pool)) as changes:
            async for directory in changes:
                while directory != self.directory:
                    try:
                        await self.engine.submit(Reconfigure(directory))
                        self.directory = directory
                    except Unreachable as error:
                        _log.warning("the directory has changed, but: %s", error)

    async def _count_callbacks(self) -> None:
        """For the live page: whoever ends a call, and every bridge on this database, makes and settles them."""
        counted = await owed(self.pool)
        if counted != self._owed:
            await self.engine.submit(CountCallbacks(counted))
            self._owed = counted

    # -- phones ----------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _dialogues(self) -> AsyncIterator[None]:
        accounts = AccountRows(self.pool)
        operations = Operations(
            credentials=DialCredentials(accounts, LockoutRows(self.pool), self.prover),
            terminals=TerminalRows(self.pool),
            engine=self.engine,
            campaigns=CampaignRows(self.pool),
            statuses=lambda: self.directory.statuses,
        )
        agi = self.settings.agi
        server = Server(routes(operations), token.Gate(token.keys(agi.key.encode())))
        try:
            await server.start(agi.host, agi.port)
        except OSError as error:
            raise Misconfigured(f"agi.port {agi.port}: {error.strerror}; name another one") from None
        try:
            yield
        finally:
            await server.close(grace_s=LAST_WORDS)

    # -- pages -----------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _pages(self) -> AsyncIterator[None]:
        ports = WebPorts(
            engine=self.engine,
            accounts=AccountRows(self.pool),
            sessions=SessionRows(self.pool),
            lockouts=LockoutRows(self.pool),
            histories=HistoryRows(self.pool),
            campaigns=CampaignRows(self.pool),
            audit=AuditLog(self.pool),
            recordings=self.recordings.library,
            holds=self.recordings.retention,
            marks=MarkRows(self.pool),
            exports=self.recordings.exports,
            icons=IconRows(self.pool),
            centers=CenterRows(self.pool),
            callbacks=CallbackRows(self.pool),
            redials=RedialRows(self.pool, self.settings.node.zone),
            alarms=self.recordings.alarms,
            prover=self.prover,
        )
        site = build(ports, _web_settings(self.settings, self.directory, self.provision))
        place = self.settings.web
        try:
            async with listening(site, place.host, place.port):
                yield
        except OSError as error:
            raise Misconfigured(f"web.port {place.port}: {error.strerror}; name another one") from None

    # -- in the background -----------------------------------------------------------------------------------------

    @staticmethod
    async def _every(seconds: float, work: Work) -> None:
        while True:
            try:
                await work()
            except Unreachable as error:
                _log.warning("%s", error)
            await asyncio.sleep(seconds)


def _links(settings: Settings) -> LinkPair:
    ami = settings.ami
    address = Address(ami.host, ami.port)
    return LinkPair(
        Link(address, Account(ami.observer, ami.observer_secret)),
        Link(address, Account(ami.controller, ami.controller_secret, events="off")),
    )


def _web_settings(settings: Settings, directory: Directory, provision: Provision | None) -> WebSettings:
    origin = settings.web.origin
    return WebSettings(
        secure=origin.startswith("https://"),
        origins=(origin,) if origin else (),
        zone=settings.node.zone,
        statuses=directory.statuses,
        codes=provision.codes if provision else DialCodes(),
        pause_key=provision.pause_key if provision else PAUSE_KEY,
    )
