"""A center in small: real Asterisk, real phones, real AGI server and engine; only the database is a twin."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import time
from pathlib import Path

from agi.dialogues.operations import Operations, endpoint
from agi.prompts import Voice
from agi.routes import routes
from agi.server import Dialogue, Server
from agi.session import DIGITS, PROMPT_S, Session
from agi.token import Gate
from pbx_bridge.ami.decode import Decoder
from pbx_bridge.ami.inbox import Batch, Delivery, Down, Up
from pbx_bridge.ami.link import Address, Link
from pbx_bridge.ami.login import Account as AmiAccount
from pbx_bridge.ami.pair import LinkPair
from pbx_bridge.core.board import AgentRow
from pbx_bridge.core.commands import ClaimLeads, Lead
from pbx_bridge.core.contexts import outside_endpoint
from pbx_bridge.core.directory import Agent, Directory, Job, Language, Rule, Terminal, Window
from pbx_bridge.core.events import LinkDown
from pbx_bridge.core.ids import AgentId, CampaignId, JobId, NodeId, TerminalId
from pbx_bridge.core.projection import Board
from pbx_bridge.core.recovery import Recovery
from pbx_bridge.core.switchboard import Switchboard
from pbx_bridge.demo.phones import Call, Farm, Phone
from pbx_bridge.engine import Engine
from pbx_bridge.parts.asterisk import RunningAsterisk
from pbx_bridge.ports.accounts import TerminalRecord
from pbx_bridge.services.dial_credentials import DialCredentials
from pbx_bridge.services.prove import Prover
from tests import exchange

from .twins import TwinAccounts, TwinCampaigns, TwinLedger, TwinLockouts, TwinTerminals, terminal

REGISTRAR = f"{exchange.SIP}:{exchange.PORT}"
AGENTS = 8
MOBILE = TerminalId(AGENTS + 1)
"""The outside number as a terminal."""


def directory() -> Directory:
    terminals = tuple(
        Terminal(TerminalId(n), e, e, "en" if language == "en" else "ja")
        for n, (e, language) in enumerate(exchange.EXTENSIONS.items(), 1)
    )
    agents = tuple(Agent(AgentId(n), f"agent{n}@example.jp", f"Agent {n}") for n in range(1, AGENTS + 1))
    rule = Rule(window=Window(opens=time(0, 0), closes=time(23, 59, 59), holidays=True))
    jobs = tuple(
        Job(JobId(n), CampaignId(1), f"Job {n}", "progressive", rule, (AgentId(1),), "0312340001", "Test")
        for n in (1, 2)
    )
    mobile = Terminal(MOBILE, exchange.MOBILE, outside_endpoint(exchange.MOBILE), outside=True)
    services = frozenset((exchange.SIGN_IN_NUMBER, exchange.SIGN_OUT_NUMBER))
    return Directory((*terminals, mobile), agents, (exchange.center(),), jobs, exchange.STATUSES, services)


class Desk:
    """What a test holds. `heard` lists the sentences played since the last call began, `heard_at` by
    endpoint, for calls at the same time."""

    def __init__(self, asterisk: RunningAsterisk, prover: Prover) -> None:
        self.asterisk = asterisk
        self.accounts, self.lockouts, self.campaigns = TwinAccounts(), TwinLockouts(), TwinCampaigns()
        self.ledger = TwinLedger()
        self.prover = prover
        self.leads: list[Lead] = []
        self.heard: list[str] = []
        self.heard_at: dict[str, list[str]] = {}
        self.keys_at: dict[str, list[str]] = {}
        """By endpoint: the keys that arrived in its last dialogue."""
        self.languages: dict[str, str] = {}
        """By endpoint: the language of its last dialogue."""
        board = Board(directory(), Recovery())
        address = Address("127.0.0.1", exchange.AMI_PORT)
        self._decoder = Decoder()
        self._observer = Link(address, AmiAccount("observer", "observer-secret"))
        self._pair = LinkPair(self._observer, Link(address, AmiAccount("controller", "controller-secret", "off")))
        self.engine = Engine(
            Switchboard(NodeId("test"), directory()),
            board,
            self.ledger,
            self._pair,
            self._claim,
            lambda: self._observer.silence_s,
        )
        terminals = (terminal(n, e, language) for n, (e, language) in enumerate(exchange.EXTENSIONS.items(), 1))
        mobile = TerminalRecord(MOBILE, exchange.MOBILE, outside_endpoint(exchange.MOBILE), "ja", outside=True)
        self.terminals = TwinTerminals(*terminals, mobile)
        operations = Operations(
            DialCredentials(self.accounts, self.lockouts, prover),
            self.terminals,
            self.engine,
            self.campaigns,
            lambda: exchange.STATUSES,
        )
        told = {name: self._listened(dialogue) for name, dialogue in routes(operations).items()}
        self.server = Server(told, Gate(exchange.KEYS))

    def _listened(self, dialogue: Dialogue) -> Dialogue:
        async def listened(session: Session) -> None:
            self.languages[endpoint(session.request.channel)] = session.request.language
            here = self.heard_at.setdefault(endpoint(session.request.channel), [])
            keys = self.keys_at[endpoint(session.request.channel)] = []
            await dialogue(_Listened(session, keys, self.heard, here))

        return listened

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pair.run(self._consume))
            group.create_task(self.engine.run())

    async def _consume(self, delivery: Delivery) -> None:
        match delivery:
            case Up():
                await self.engine.hear([await self._pair.seed()])
            case Batch(packets):
                await self.engine.hear(self._decoder.decode(packets))
            case Down(reason):
                await self.engine.hear([LinkDown(reason)])

    async def _claim(self, claim: ClaimLeads) -> list[Lead]:
        taken, self.leads = self.leads[: claim.count], self.leads[claim.count :]
        return taken

    def agent(self, id: int) -> AgentRow:
        return next(row for row in self.engine.snapshot().agents if row.id == str(id))

    async def becomes(self, id: int, status: str, extension: str, within: float = 5.0) -> AgentRow:
        """Wait until the board shows an agent in a status at a terminal."""
        async with asyncio.timeout(within):
            while (self.agent(id).status, self.agent(id).extension) != (status, extension):
                await asyncio.sleep(0.02)
        return self.agent(id)

    async def sees_phones(self, *extensions: str) -> None:
        """Wait until the bridge knows that phones are registered."""
        async with asyncio.timeout(5.0):
            while not all(row.reachable for row in self.engine.snapshot().terminals if row.extension in extensions):
                await asyncio.sleep(0.02)

    async def dial(self, phone: Phone, code: str, *entries: str) -> list[str]:
        """Dial, key each entry at its prompt, stay until the end; the sentences heard."""
        call = await self.begin(phone, code)
        for entry in entries:
            await self.key(call, entry)
        await call.ended(within=40.0)
        return list(self.heard_at[phone.name])

    def lost_keys(self, phone: Phone, *entries: str) -> bool:
        """Whether a busy machine swallowed keys of the last dialogue: a key that ends while Asterisk waits for the next
        command is gone (tests/agi/test_keys.py), and on a starved machine that takes as long as a key. Then nothing
        can be said of the dialogue."""
        return "".join(self.keys_at[phone.name]) != "".join(entries)

    async def dial_from(self, carrier: Phone, number: str, caller: str, *entries: str) -> list[str]:
        """As `dial`, from outside."""
        self._forget(carrier)
        call = await (await carrier.dial(number, caller)).answered()
        for entry in entries:
            await self.key(call, entry)
        await call.ended(within=40.0)
        return list(self.heard)

    async def begin(self, phone: Phone, code: str) -> Call:
        self._forget(phone)
        return await (await phone.dial(code)).answered()

    def _forget(self, phone: Phone) -> None:
        self.heard.clear()
        self.heard_at[phone.name] = []

    async def key(self, call: Call, entry: str) -> None:
        """Key as soon as a question is being asked: keys cut it short."""
        asked = {"enter-id", "enter-password", "enter-extension", "enter-status", "choose-job"}
        told = self.heard_at[call.phone.name]
        async with asyncio.timeout(20.0):
            while not (told and told[-1] in asked):
                await asyncio.sleep(0.02)
        told[-1] += ":"
        if self.heard:
            self.heard[-1] += ":"
        await asyncio.sleep(0.1)  # a person begins to key when the question has begun
        await call.digits(entry)


class _Listened(Session):
    """The same conversation, and a note of what was said."""

    def __init__(self, session: Session, keys: list[str], *notes: list[str]) -> None:
        self.__dict__ = session.__dict__
        self._keys, self._notes = keys, notes

    def _note(self, said: str) -> None:
        for note in self._notes:
            note.append(said)

    async def stream_file(self, name: str, escape_digits: str = DIGITS, within_s: float = PROMPT_S) -> str:
        self._note(name.removeprefix("pbx/"))
        return self._keyed(await super().stream_file(name, escape_digits, within_s=within_s))

    async def wait_for_digit(self, seconds: float) -> str:
        return self._keyed(await super().wait_for_digit(seconds))

    def _keyed(self, key: str) -> str:
        self._keys += key
        return key

    async def say_digits(self, digits: str, escape_digits: str = "", *, within_s: float = PROMPT_S) -> str:
        self._note(digits)
        return await super().say_digits(digits, escape_digits, within_s=within_s)


@asynccontextmanager
async def open_desk(folder: Path, voices: "Mapping[Language, Voice] | None" = None) -> AsyncIterator[tuple[Desk, Farm]]:
    """Everything up, agents 1 to 8 with ID `100n` and password `73910n`, phones not yet registered."""
    async with AsyncExitStack() as stack:
        asterisk = await stack.enter_async_context(exchange.running(folder, voices))
        prover = Prover(b"pepper")
        stack.callback(prover.close)
        desk = Desk(asterisk, prover)
        for n in range(1, AGENTS + 1):
            await desk.accounts.add(n, f"100{n}", f"73910{n}", prover, extension=f"100{n}")
        await desk.accounts.add(9, "1009", "739109", prover, extension="-")
        await desk.server.start("127.0.0.1", exchange.AGI_PORT)
        stack.push_async_callback(desk.server.close)
        runner = asyncio.create_task(desk.run())
        stack.push_async_callback(_end, runner)
        async with asyncio.timeout(10.0):
            while not desk.engine.linked:
                await asyncio.sleep(0.02)
        farm = await stack.enter_async_context(Farm(exchange.PHONES))
        yield desk, farm


async def _end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
