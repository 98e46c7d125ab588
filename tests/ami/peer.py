"""The far end of an AMI socket, scripted: greets, lets in, keeps every action, answers as told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from hashlib import md5

from pbx_bridge.ami.message import Message

Answer = Callable[["Peer", Message], None]


class Peer:
    """One listening port; `actions` are those after the login, `logins` counts accepted ones."""

    def __init__(self, secret: str, answer: Answer) -> None:
        self.actions: list[Message] = []
        self.logins = 0
        self.silent = False
        self._secret = secret
        self._answer = answer
        self._writer: asyncio.StreamWriter | None = None
        self._changed = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                message = Message((await reader.readuntil(b"\r\n\r\n"))[:-4])
                if not self.silent:
                    self._take(message)
        writer.close()

    def _take(self, message: Message) -> None:
        match message["Action"]:
            case "Challenge":
                self.reply(message, "Success", "Challenge: 4711")
            case "Login":
                self._let_in(message)
            case "Ping":
                self.reply(message, "Success", "Ping: Pong")
            case _:
                self.actions.append(message)
                self._changed.set()
                self._answer(self, message)

    def _let_in(self, message: Message) -> None:
        if message["Key"] != md5(f"4711{self._secret}".encode()).hexdigest():
            self.reply(message, "Error", "Message: Authentication failed")
            return
        self.reply(message, "Success", "Message: Authentication accepted")
        self.say("Event: FullyBooted\r\nStatus: Fully Booted")
        self.logins += 1
        self._changed.set()

    def reply(self, message: Message, status: str, *lines: str) -> None:
        self.say("\r\n".join([f"Response: {status}", f"ActionID: {message['ActionID']}", *lines]))

    def say(self, packet: str) -> None:
        assert self._writer is not None
        self._writer.write(packet.encode() + b"\r\n\r\n")

    def cut(self) -> None:
        assert self._writer is not None
        self._writer.transport.abort()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits for logins or actions to make `condition` true, five seconds at most."""
        async with asyncio.timeout(5):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


def accept(peer: Peer, message: Message) -> None:
    peer.reply(message, "Success", "Message: done")


def ignore(peer: Peer, message: Message) -> None:
    """No answer, as from an Asterisk about to die."""


@asynccontextmanager
async def peer(answer: Answer = accept, secret: str = "eyes") -> AsyncIterator[tuple[Peer, int]]:
    """A peer and its port."""
    far_end = Peer(secret, answer)
    server = await asyncio.start_server(far_end.serve, "127.0.0.1", 0)
    try:
        yield far_end, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        if far_end._writer is not None:
            far_end.cut()
        await asyncio.sleep(0)
