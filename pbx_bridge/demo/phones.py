"""Real SIP phones for asyncio: register, dial, key digits, talk, listen, transfer.

    async with Farm(address="127.0.0.3") as farm:
        phone = await farm.phone("1001", password="…", registrar="127.0.0.1:5060")
        call = await phone.dial("0010")
        await call.answered()
        await call.digits("1001#")
        await call.ended()

Every wait has a deadline in seconds and raises `TimeoutError` saying what was waited for.
"""

import asyncio
import itertools
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Self, assert_never

import msgspec

from . import wire

_DEADLINE = 10.0
_ENOUGH_TO_JUDGE = 0.24
"""Seconds of sound: the ear keeps a quarter of a second, and a part of one smears a tone."""


class PhoneFailed(Exception):
    """PJSIP, or the other side, refused what the phone was told to do."""


class Call:
    """One call as one phone sees it."""

    def __init__(self, phone: "Phone", name: str, caller: str, called: str, *, incoming: bool) -> None:
        self.phone = phone
        self.incoming = incoming
        self.name = name
        self.caller = caller
        self.called = called
        self.steps: list[wire.Changed] = []
        self.keyed = ""
        """Digits the other side sent."""

    @property
    def progress(self) -> wire.Progress:
        return self.steps[-1].progress if self.steps else "calling"

    @property
    def code(self) -> int:
        """The last SIP status."""
        return self.steps[-1].code if self.steps else 0

    def at(self, progress: wire.Progress) -> float | None:
        """Epoch seconds when the call first reached `progress`."""
        return next((step.at for step in self.steps if step.progress == progress), None)

    @property
    def talked(self) -> float:
        """Seconds between answer and end, as this phone saw them."""
        up, ended = self.at("up"), self.at("ended")
        return ended - up if up is not None and ended is not None else 0.0

    async def reaches(self, *progress: wire.Progress, within: float = _DEADLINE) -> Self:
        """Wait until the call has reached one of `progress`; an earlier end raises `PhoneFailed`."""
        wanted = set(progress)
        await self._until(lambda: self.progress in {*wanted, "ended"}, f"reach {'/'.join(progress)}", within)
        if self.progress not in wanted:
            raise PhoneFailed(f"{self}: ended ({self.code}) before it was {'/'.join(progress)}")
        return self

    async def answered(self, within: float = _DEADLINE) -> Self:
        return await self.reaches("up", within=within)

    async def ended(self, within: float = _DEADLINE) -> Self:
        return await self.reaches("ended", within=within)

    async def answer(self, code: int = 200) -> Self:
        """Take the call (and wait until it stands), ring (180), or refuse it."""
        await self.phone.farm.order(wire.Answer(self.name, code))
        return await self.answered() if code == 200 else self

    async def hang_up(self, code: int = 0) -> Self:
        await self.phone.farm.order(wire.HangUp(self.name, code))
        return await self.ended()

    async def digits(self, digits: str, pause: float = 0.0) -> None:
        """RFC 4733; with `pause` seconds between keys, as a person would."""
        for piece in digits if pause else (digits,):
            await self.phone.farm.order(wire.Digits(self.name, piece))
            await asyncio.sleep(pause)

    async def say(self, tone: int = 0, wav: str = "", *, together: bool = False) -> None:
        """Hum `tone` Hz, or loop a WAV file, `together` with the farm's others; nothing: be silent."""
        await self.phone.farm.order(wire.Play(self.name, tone, wav, together))

    async def record(self, path: str) -> None:
        await self.phone.farm.order(wire.Record(self.name, path))

    async def hold(self, on: bool = True) -> None:
        await self.phone.farm.order(wire.Hold(self.name, on))

    async def transfer(self, number: str) -> None:
        """Blind."""
        await self.phone.farm.order(wire.Transfer(self.name, target=self.phone.uri(number)))

    async def transfer_onto(self, other: "Call") -> None:
        """Attended: join this call's other side with that one's."""
        await self.phone.farm.order(wire.Transfer(self.name, onto=other.name))

    async def listen(self, *tones: int) -> wire.Heard:
        """What the last quarter of a second held."""
        heard = await self.phone.farm.order(wire.Listen(self.name, list(tones)))
        if not isinstance(heard, wire.Heard):
            raise PhoneFailed(f"{self}: no sound to judge")
        return heard

    async def hears(self, *tones: int, within: float = 5.0) -> wire.Heard:
        """Wait until each of `tones` (Hz) carries a good part of what is heard."""
        return await self._sound(
            f"hear {tones}", within, lambda h: h.level > 0.002 and all(s > 0.2 for s in h.shares), tones
        )

    async def hears_something(self, within: float = 5.0) -> wire.Heard:
        """Wait until there is any sound at all (a prompt, music)."""
        return await self._sound("hear anything", within, lambda h: h.level > 0.005, ())

    async def hears_nothing(self, within: float = 5.0) -> wire.Heard:
        """Wait until a full quarter of a second was silent."""
        return await self._sound("hear silence", within, lambda h: h.level < 0.002, ())

    async def hears_none_of(self, *tones: int, within: float = 5.0) -> wire.Heard:
        """Wait until none of `tones` is in a full quarter of a second."""
        return await self._sound(
            f"stop hearing {tones}",
            within,
            lambda h: h.level < 0.002 or all(s < 0.02 for s in h.shares),
            tones,
        )

    async def _sound(
        self, what: str, within: float, enough: Callable[[wire.Heard], bool], tones: tuple[int, ...]
    ) -> wire.Heard:
        last: wire.Heard | None = None
        try:
            async with asyncio.timeout(within):
                while True:
                    last = await self.listen(*tones)
                    if last.seconds >= _ENOUGH_TO_JUDGE and enough(last):
                        return last
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise TimeoutError(f"{self}: did not {what} within {within} s; last {last}") from None

    async def _until(self, test: Callable[[], bool], what: str, within: float) -> None:
        await self.phone.farm.until(test, f"{self}: did not {what}", within)

    def __str__(self) -> str:
        return f"call {self.name} of phone {self.phone.name} ({self.caller} → {self.called}, {self.progress})"


class Phone:
    """A desk phone (registered), or a peer such as a carrier (not registered)."""

    def __init__(self, farm: "Farm", name: str, peer: str) -> None:
        self.farm = farm
        self.name = name
        self._peer = peer
        self.registration: wire.Registration | None = None
        self.incoming: asyncio.Queue[Call] = asyncio.Queue()
        self.calls: list[Call] = []
        """Every call this phone ever had, oldest first."""

    def uri(self, number: str) -> str:
        return f"sip:{number}@{self._peer}"

    async def registered(self, within: float = _DEADLINE) -> Self:
        """Wait for the registrar's word; raises `PhoneFailed` when it says no."""
        await self.farm.until(
            lambda: self.registration is not None, f"phone {self.name}: no answer to REGISTER", within
        )
        assert self.registration is not None
        if self.registration.code >= 300:
            raise PhoneFailed(f"phone {self.name}: {self.registration.code} {self.registration.reason}")
        return self

    async def unregister(self) -> None:
        self.registration = None
        await self.farm.order(wire.Unregister(self.name))
        await self.farm.until(lambda: self.registration is not None, f"phone {self.name}: still registered", _DEADLINE)

    async def dial(self, number: str, caller: str = "") -> Call:
        """Send the INVITE; `caller` is the From number of a peer."""
        call = self.farm.new_call(self, caller or self.name, number)
        await self.farm.order(wire.Dial(self.name, call.name, self.uri(number), caller))
        return call

    async def rings(self, within: float = _DEADLINE) -> Call:
        """The next incoming call, told to ring."""
        try:
            async with asyncio.timeout(within):
                call = await self.incoming.get()
        except TimeoutError:
            raise TimeoutError(f"phone {self.name}: did not ring within {within} s") from None
        return await call.answer(180)

    async def silent(self, seconds: float) -> None:
        """Nobody calls for `seconds`; raises `PhoneFailed` when somebody does."""
        try:
            async with asyncio.timeout(seconds):
                call = await self.incoming.get()
        except TimeoutError:
            return
        raise PhoneFailed(f"phone {self.name}: rang although nobody should call: {call}")


class Farm:
    """One process of phones on one local address. At most 4 calls and 8 phones: PJSIP's limits as built.

    `codecs` are those it offers, as SDP names them, the preferred one first."""

    def __init__(self, address: str, port: int = 0, codecs: tuple[str, ...] = ("PCMU",)) -> None:
        self._address = address
        self._port = port
        self._codecs = codecs
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[wire.Report]] = {}
        self._phones: dict[str, Phone] = {}
        self._calls: dict[str, Call] = {}
        self._news = asyncio.Event()
        self._refused = ""
        self.address = ""
        """host:port of the phones, once entered."""

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "pbx_bridge.demo.farm",
            self._address,
            str(self._port),
            *self._codecs,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is the parent's to hand on
        )
        self._reader = asyncio.create_task(self._read())
        try:
            await self.until(lambda: bool(self.address or self._refused), "phone farm: did not start", 20.0)
            if self._refused:
                raise PhoneFailed(f"no phones on {self._address}: {self._refused}")
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(5.0):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    @property
    def pid(self) -> int:
        """Of the phones' process."""
        return self._process.pid

    async def phone(
        self, user: str, password: str = "", registrar: str = "", caller_name: str = "", address: str = ""
    ) -> Phone:
        """A phone registered at `registrar` (host:port), at `address` if that is another than the farm's."""
        phone = self._phones[user] = Phone(self, user, registrar)
        await self.order(wire.Register(user, user, password, registrar, caller_name or user, address))
        return await phone.registered()

    async def peer(self, user: str, towards: str) -> Phone:
        """A phone that registers nowhere and calls `towards` (host:port): a carrier's side of a trunk."""
        phone = self._phones[user] = Phone(self, user, towards)
        await self.order(wire.Register(user, user))
        return phone

    async def hang_up_all(self) -> None:
        """End every call of every phone."""
        for call in [call for call in self._calls.values() if call.progress != "ended"]:
            await call.hang_up()

    def new_call(self, phone: Phone, caller: str, called: str, name: str = "") -> Call:
        call = Call(phone, name or f"out-{next(self._numbers)}", caller, called, incoming=bool(name))
        self._calls[call.name] = call
        phone.calls.append(call)
        return call

    async def order(self, order: wire.Order) -> wire.Report:
        """Raises `PhoneFailed` with PJSIP's reason."""
        n = next(self._numbers)
        future: asyncio.Future[wire.Report] = asyncio.get_running_loop().create_future()
        self._waiting[n] = future
        stdin = self._process.stdin
        assert stdin is not None
        stdin.write(msgspec.json.encode(wire.Numbered(n, order)) + b"\n")
        async with asyncio.timeout(_DEADLINE):
            report = await future
        if isinstance(report, wire.Failed):
            raise PhoneFailed(f"{order}: {report.reason}")
        return report

    async def until(self, test: Callable[[], bool], what: str, within: float) -> None:
        """Wait for news from the farm until `test` holds."""
        try:
            async with asyncio.timeout(within):
                while not test():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise TimeoutError(f"{what} within {within} s") from None

    async def _read(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        decode = msgspec.json.Decoder(wire.Report).decode
        async for line in stdout:
            self._note(decode(line))
            self._news.set()
        for future in self._waiting.values():
            future.set_exception(PhoneFailed("the phone farm's process ended"))
        self._waiting.clear()

    def _note(self, report: wire.Report) -> None:
        match report:
            case wire.Failed(n=wire.START):
                self._refused = report.reason
            case wire.Done(n=n) | wire.Failed(n=n) | wire.Heard(n=n):
                future = self._waiting.pop(n, None)
                if future is not None and not future.done():
                    future.set_result(report)
            case wire.Ready():
                self.address = report.address
            case wire.Registration():
                self._phones[report.phone].registration = report
            case wire.Incoming():
                phone = self._phones[report.phone]
                phone.incoming.put_nowait(self.new_call(phone, report.caller, report.called, report.call))
            case wire.Changed():
                self._calls[report.call].steps.append(report)
            case wire.Keyed():
                self._calls[report.call].keyed += report.digit
            case _:
                assert_never(report)


@asynccontextmanager
async def farms(address: str, count: int) -> AsyncIterator[list[Farm]]:
    """Several processes at once."""
    several = [Farm(address) for _ in range(count)]
    async with asyncio.TaskGroup() as group:
        for farm in several:
            group.create_task(farm.__aenter__())
    try:
        yield several
    finally:
        await asyncio.gather(*(farm.__aexit__() for farm in several))
