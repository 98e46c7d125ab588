"""Every code from every status in both languages, and everything that can collide: real phones, RFC 4733 keys."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from itertools import count

import numpy as np
import pytest
import pytest_asyncio

from agi.speech import RATE, Samples
from pbx_bridge.core.commands import ChangeStatus, SignIn, SignOut
from pbx_bridge.core.directory import Language
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.ids import AgentId, TerminalId
from pbx_bridge.demo.phones import Call, Farm, Phone
from tests import exchange

from .conflicts import PAGE, TABLE, Conflict, page
from .desk import REGISTRAR, Desk, open_desk

pytestmark = pytest.mark.asyncio(loop_scope="module")

LANES = 2
"""Half the phones each: conflicts run beside one another."""
PER_FARM = 2
"""Of the four calls a farm can hold one is left for a call that is not quite over."""
PITCH: dict[Language, int] = {"ja": 440, "en": 620}
OUTSIDE = "0312345678"


class Pitch:
    """A voice that is known by its pitch: questions last a while, everything else is as short as can be."""

    def __init__(self, hertz: int) -> None:
        self._hertz = hertz

    def say(self, text: str) -> Samples:
        length = RATE if text.startswith(("Please enter your I D", "操作IDを入力")) else RATE // 20
        return np.asarray(0.3 * np.sin(2 * np.pi * self._hertz * np.arange(length) / RATE), np.float32)


class Shift:
    """Desk, and phones by extension. Phone 4 of each lane is plugged in only for what comes after the conflicts."""

    def __init__(self, desk: Desk, farms: list[Farm], carrier: Phone) -> None:
        self.desk, self.farms, self.carrier = desk, farms, carrier
        self.phones: dict[str, Phone] = {}

    async def plug_in(self, *extensions: str) -> None:
        for extension in extensions:
            farm = self.farms[(int(extension) - 1001) // PER_FARM]
            self.phones[extension] = await farm.phone(extension, f"secret-{extension}", REGISTRAR)
        await self.desk.sees_phones(*extensions)

    async def set(self, agent: int, status: str) -> None:
        """At the agent's usual terminal."""
        with suppress(Refused):
            await self.desk.engine.submit(SignOut(AgentId(agent), "system"))
        self.desk.lockouts.tries.clear()
        if status != "logged_off":
            await self.desk.engine.submit(SignIn(AgentId(agent), TerminalId(agent), "web"))
        if status not in ("available", "logged_off"):
            await self.desk.engine.submit(ChangeStatus(AgentId(agent), status, "web"))
        await self.desk.becomes(agent, status, self.desk.agent(agent).extension)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shift(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shift]:
    async with AsyncExitStack() as stack:
        voices = {language: Pitch(hertz) for language, hertz in PITCH.items()}
        desk, first = await stack.enter_async_context(open_desk(tmp_path_factory.mktemp("shift"), voices))
        farms = [first, *[await stack.enter_async_context(Farm(exchange.PHONES)) for _ in range(3)]]
        outside = await stack.enter_async_context(Farm(exchange.CARRIER, exchange.PORT))
        shift = Shift(desk, farms, await outside.peer("carrier", REGISTRAR))
        await shift.plug_in(*(extension for extension in exchange.EXTENSIONS if extension not in ("1004", "1008")))
        yield shift


# -- conflicts ---------------------------------------------------------------------------------------------------------


class Lane:
    """Four phones, agents A and B, one conflict at a time."""

    def __init__(self, shift: Shift, number: int) -> None:
        self.shift, self.desk, self._first = shift, shift.desk, 1 + 4 * number
        self._talk: Call | None = None
        self._unplugged: list[str] = []

    def agent(self, name: str) -> int:
        return self._first + "AB".index(name)

    def extension(self, phone: str) -> str:
        return str(999 + self._first + int(phone))

    def keys(self, words: str) -> list[str]:
        found: list[str] = []
        for word in words.split():
            if word.startswith("="):
                found.append(f"{self.extension(word[1:])}#")
            elif word == "!":
                found += [f"{1000 + self._first}#", "000000#"]
            else:
                number = 9 if word == "N" else self.agent(word)
                found += [f"{1000 + number}#", f"73910{number}#"]
        return found

    async def run(self, case: Conflict) -> str:
        """What went otherwise than the table says; empty when nothing did."""
        for name in "AB":
            await self.shift.set(self.agent(name), "logged_off")
        try:
            await self._prepare(case.before)
            phone = self.shift.phones[self.extension(str(case.phone))]
            heard = await self.desk.dial(phone, case.dials, *self.keys(case.keys))
            wanted = case.hears.split()
            if case.hears == "signed-in" or case.hears == "signed-in-moved":
                wanted += [str(1000 + self._first), "status-1"]
            if heard[-len(wanted) :] != wanted:
                return f"{case}: heard {heard}"
            now, _, later = case.then.partition(";")
            await self._expect(now)
            await self._hang_up()
            await self._expect(later)
        except (AssertionError, TimeoutError) as fault:
            told = self.desk.heard_at.get(self.extension(str(case.phone)))
            return f"{case}: {fault!r}; heard {told}; {self.desk.agent(self._first)}"
        finally:
            await self._hang_up()
            for extension in self._unplugged:
                await self.shift.plug_in(extension)
            self._unplugged.clear()
        return ""

    async def _prepare(self, before: str) -> None:
        words = before.split()
        for word, following in zip(words, [*words[1:], ""], strict=False):
            if "@" in word:
                terminal = TerminalId(self._first - 1 + int(word[2]))
                await self.desk.engine.submit(SignIn(AgentId(self.agent(word[0])), terminal, "web"))
            elif ":" in word:
                await self.desk.engine.submit(ChangeStatus(AgentId(self.agent(word[0])), word[2:], "web"))
            elif following == "talks":
                self._talk = await self.shift.phones[self.extension("1")].dial(OUTSIDE)
                await (await self.shift.carrier.rings()).answer()
                await self._expect("A talking 1")
            elif following == "unplugged":
                self._unplugged.append(self.extension(word))
                await self.shift.phones[self.extension(word)].unregister()
                async with asyncio.timeout(5.0):
                    while self._reachable(self.extension(word)):
                        await asyncio.sleep(0.02)

    def _reachable(self, extension: str) -> bool:
        return any(row.reachable for row in self.desk.engine.snapshot().terminals if row.extension == extension)

    async def _expect(self, then: str) -> None:
        for one in filter(None, (part.strip() for part in then.split(","))):
            name, state, *phone = one.split()
            async with asyncio.timeout(5.0):
                while not self._is(self.agent(name), state, phone):
                    await asyncio.sleep(0.02)

    def _is(self, agent: int, state: str, phone: list[str]) -> bool:
        row = self.desk.agent(agent)
        conditions = ("talking", "outgoing") if state == "talking" else (row.condition,)
        status = row.status if state == "talking" else state
        return (row.condition in conditions and row.status == status) and (
            not phone or row.extension == self.extension(phone[0])
        )

    async def _hang_up(self) -> None:
        if self._talk is not None and self._talk.progress != "ended":
            await self._talk.hang_up()
        self._talk = None


async def test_every_conflict_ends_as_the_table_says(shift: Shift) -> None:
    todo = list(TABLE)
    failed: list[str] = []

    async def work(lane: Lane) -> None:
        while todo:
            failed.append(await lane.run(todo.pop(0)))

    async with asyncio.TaskGroup() as group:
        for number in range(LANES):
            group.create_task(work(Lane(shift, number)))
    assert len(failed) == len(TABLE) >= 12
    print("\n".join(filter(None, failed)))
    assert not any(failed)


async def test_the_table_is_documented() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.agi.conflicts"


# -- every code --------------------------------------------------------------------------------------------------------

DIGITS = {status.key: status.digit for status in exchange.STATUSES}
CODES = ("0010", "0011", "0012", "0013", "0014", "0015", "0074", *(f"002{digit}" for digit in range(10)))
KEYED_STATUS = 4
MOST_LOST = 12
"""Dialogues of a test that are dialed again because keys did not arrive."""


def outcome(code: str, start: str, dial_id: str) -> tuple[list[str], str]:
    """What is heard, and the status afterwards."""
    asked = ["enter-id:", "enter-password:"]
    if code in ("0010", "0012"):
        return [*asked, *["enter-extension:"] * (code == "0012"), "signed-in", dial_id, "status-1"], "available"
    if start == "logged_off":
        return [*(asked if code == "0011" else []), "not-signed-in", "goodbye"], start
    match code:
        case "0011":
            return ["signed-out"], "logged_off"
        case "0013":
            return ["enter-status:", *changed(start, KEYED_STATUS)], "away"
        case "0014":
            return ["hand-raised"], start
        case "0015":
            return ["no-job", "goodbye"], start
        case "0074":
            return ["no-call", "goodbye"], start
        case "0029":
            return ["unknown-status", "goodbye"], start
        case _:
            wanted = next(key for key, digit in DIGITS.items() if digit == int(code[-1]))
            return changed(start, DIGITS[wanted]), wanted


def changed(start: str, digit: int) -> list[str]:
    said = ["status-changed", f"status-{digit}"]
    before = ["previous-status", f"status-{DIGITS[start]}", "under-a-minute", "lasted"]
    return said if DIGITS[start] == digit else said + before


def keyed(code: str, start: str, agent: int) -> list[str]:
    credentials = [f"{1000 + agent}#", f"73910{agent}#"]
    match code:
        case "0010":
            return credentials
        case "0012":
            return [*credentials, f"{1000 + agent}#"]
        case "0011":
            return credentials if start == "logged_off" else []
        case "0013" if start != "logged_off":
            return [str(KEYED_STATUS)]
        case _:
            return []


async def test_every_code_from_every_status_in_both_languages(shift: Shift) -> None:
    """Every second time behind the mobile prefix."""
    await shift.plug_in("1004", "1008")
    todo = {language: [(code, start) for code in CODES for start in DIGITS] for language in PITCH}
    wrong: list[str] = []
    done, turn, lost = count(), count(), count()

    async def work(agent: int) -> None:
        extension = str(1000 + agent)
        language = exchange.EXTENSIONS[extension]
        while todo[language]:
            code, start = todo[language].pop()
            await shift.set(agent, start)
            dialed = "8" * (next(turn) % 2) + code
            entries = keyed(code, start, agent)
            heard = await shift.desk.dial(shift.phones[extension], dialed, *entries)
            if shift.desk.lost_keys(shift.phones[extension], *entries):
                assert next(lost) < MOST_LOST
                todo[language].append((code, start))
                continue
            told, after = outcome(code, start, extension)
            found = (heard, shift.desk.agent(agent).status, shift.desk.languages[extension])
            if found != (told, after, language):
                wrong.append(f"{dialed} while {start}: {found}, not {(told, after, language)}")
            next(done)

    async with asyncio.TaskGroup() as group:
        for agent in range(1, 9):
            group.create_task(work(agent))
    assert wrong == []
    assert next(done) == 2 * len(CODES) * len(DIGITS)
    assert shift.desk.server.counts["failed"] == 0


# -- every code with a call on the other line --------------------------------------------------------------------------

IN_CALL = ("ringing", "talking", "outgoing")
PAIRS = ((1, 2), (4, 3), (5, 6), (8, 7))
"""An agent, and the colleague on the other end of the call: two Japanese phones, two English ones, each on its farm."""


def outcome_in_call(code: str, start: str, dial_id: str) -> tuple[list[str], str, str]:
    """What is heard, the status beneath the call at once, and the one after it; before, it is `available`."""
    waits = start != "ringing"
    match code:
        case "0011":
            return ["sign-out-after-call"], "available" if waits else "logged_off", "logged_off"
        case "0074":
            return ["not-recorded" if waits else "no-call", "goodbye"], "available", "available"
        case "0013" | "0020" | "0022" | "0023" | "0024" | "0025" | "0026" | "0027" | "0028" if waits:
            digit = KEYED_STATUS if code == "0013" else int(code[-1])
            asked = ["enter-status:"] * (code == "0013")
            wanted = next(key for key, number in DIGITS.items() if number == digit)
            return [*asked, "status-after-call", f"status-{digit}"], "available", wanted
        case _:
            heard, status = outcome(code, "available", dial_id)
            return heard, status, status


class OtherLine:
    """A call between an agent and a colleague, inside the house, on the first line of both phones."""

    def __init__(self, shift: Shift, agent: int, colleague: int) -> None:
        self.shift, self.agent = shift, agent
        self.own, self.colleague = (shift.phones[str(1000 + number)] for number in (agent, colleague))

    async def begin(self, start: str) -> None:
        caller, called = (self.own, self.colleague) if start == "outgoing" else (self.colleague, self.own)
        self.call = await caller.dial(called.name)
        ringing = await called.rings()
        if start != "ringing":
            await ringing.answer()
        await self._condition(lambda now: now == start)

    async def end(self) -> str:
        """The status that holds afterwards."""
        await self.call.hang_up()
        await self._condition(lambda now: now not in IN_CALL)
        return self.shift.desk.agent(self.agent).status

    async def _condition(self, enough: Callable[[str], bool]) -> None:
        async with asyncio.timeout(5.0):
            while not enough(self.shift.desk.agent(self.agent).condition):
                await asyncio.sleep(0.02)


async def test_every_code_with_a_call_on_the_other_line_in_both_languages(shift: Shift) -> None:
    """It does at once what may be done at once, promises the rest for after the call, and keeps the promise."""
    todo = {language: [(code, start) for code in CODES for start in IN_CALL] for language in PITCH}
    wrong: list[str] = []
    done, lost = count(), count()

    async def work(agent: int, colleague: int) -> None:
        extension, desk = str(1000 + agent), shift.desk
        language, line = exchange.EXTENSIONS[extension], OtherLine(shift, agent, colleague)
        while todo[language]:
            code, start = todo[language].pop()
            await shift.set(agent, "available")
            await line.begin(start)
            entries = keyed(code, start, agent)
            heard = await desk.dial(line.own, code, *entries)
            row = desk.agent(agent)
            found = (heard, row.status, row.condition, await line.end(), desk.languages[extension])
            if desk.lost_keys(line.own, *entries):
                assert next(lost) < MOST_LOST
                todo[language].append((code, start))
                continue
            told, status, after = outcome_in_call(code, start, extension)
            if found != (told, status, start, after, language):
                wrong.append(f"{code} while {start}: {found}, not {(told, status, start, after, language)}")
            next(done)

    async with asyncio.TaskGroup() as group:
        for pair in PAIRS:
            group.create_task(work(*pair))
    assert wrong == []
    assert next(done) == 2 * len(CODES) * len(IN_CALL)
    assert shift.desk.server.counts["failed"] == 0


@pytest.mark.parametrize("extension", ["1001", "1002"])
async def test_the_terminals_language_is_what_is_heard(shift: Shift, extension: str) -> None:
    call = await shift.desk.begin(shift.phones[extension], "0010")
    await call.hears(PITCH[exchange.EXTENSIONS[extension]])
    await call.hang_up()
