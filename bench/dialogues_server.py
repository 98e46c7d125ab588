"""The real dialogues without a database: `python -m bench.dialogues_server PORT AGENTS`."""

import asyncio
import logging
import sys
import time
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime

import uvloop

from agi.dialogues.operations import Operations
from agi.routes import routes
from agi.server import Server
from pbx_bridge.core.board import Snapshot
from pbx_bridge.core.commands import Command
from pbx_bridge.core.directory import BUILT_IN, Agent, Directory, Terminal
from pbx_bridge.core.facts import TerminalReachable
from pbx_bridge.core.ids import AgentId, NodeId, TerminalId
from pbx_bridge.core.projection import Board
from pbx_bridge.core.recovery import Recovery
from pbx_bridge.core.switchboard import Switchboard
from pbx_bridge.ports.accounts import Account, Secret, TerminalRecord
from pbx_bridge.ports.engine import Live
from pbx_bridge.services.dial_credentials import DialCredentials
from pbx_bridge.services.prove import Prover
from tests.agi.twins import TwinAccounts, TwinCampaigns, TwinLockouts, TwinTerminals


class Immediate:
    """The port `Engine` over the real switchboard and board, nothing written down."""

    def __init__(self, directory: Directory) -> None:
        self._switchboard, self._board = Switchboard(NodeId("bench"), directory), Board(directory, Recovery())
        self._board.apply(TerminalReachable(terminal.id, time.time(), True) for terminal in directory.terminals)

    async def submit(self, command: Command) -> None:
        self._board.apply(self._switchboard.decide(command, time.time()).facts)

    def snapshot(self) -> Snapshot:
        return self._board.snapshot(time.time())

    def subscribe(self) -> AbstractAsyncContextManager[Live]:
        raise NotImplementedError("no dialogue subscribes")

    def data_age_ms(self) -> int:
        return 0


async def serve(port: int, agents: int) -> None:
    prover = Prover(b"pepper")
    hashed = await prover.hash("739101")
    accounts, numbers = TwinAccounts(), range(agents)
    for n in numbers:
        text = str(1000 + n)
        account = Account(
            id=AgentId(n),
            login=f"agent{n}@example.jp",
            name=f"Agent {n}",
            role="agent",
            language="ja",
            seat="",
            is_agent=True,
            dial_id=text,
            extension=text,
            password_changed_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        accounts.secrets[text] = Secret(account, hashed)
    directory = Directory(
        tuple(Terminal(TerminalId(n), str(1000 + n), str(1000 + n)) for n in numbers),
        tuple(Agent(AgentId(n), f"agent{n}@example.jp", f"Agent {n}") for n in numbers),
    )
    terminals = TwinTerminals(*(TerminalRecord(TerminalId(n), str(1000 + n), str(1000 + n), "ja") for n in numbers))
    credentials = DialCredentials(accounts, TwinLockouts(), prover)
    engine = Immediate(directory)
    operations = Operations(credentials, terminals, engine, TwinCampaigns(), lambda: BUILT_IN)
    server = Server(routes(operations))
    await server.start(port=port)
    await asyncio.Event().wait()


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    uvloop.run(serve(int(sys.argv[1]), int(sys.argv[2])))
