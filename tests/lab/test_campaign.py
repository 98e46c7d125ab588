"""A campaign's calls on the open line: every fate of a dial, and what both sides hear."""

import itertools
import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from pbx_bridge.demo.phones import Call
from pbx_bridge.demo.world import Person

from .lab import Lab
from .web import Web

AGENT, CUSTOMER = 440, 1000
_turn = itertools.count()


@pytest_asyncio.fixture(loop_scope="session")
async def line(lab: Lab) -> "AsyncIterator[Line]":
    """An agent of the progressive campaign on an open line, the job started; afterwards stopped and empty."""
    line = Line(lab, lab.agent(13, 18))
    await line.open()
    yield line
    await line.close()


class Line:
    def __init__(self, lab: Lab, person: Person) -> None:
        self.lab = lab
        self.person = person
        self.job = lab.campaign("progressive").id

    async def open(self) -> None:
        status, body = await self.lab.web.send("POST", f"call-jobs/{self.job}/start")
        assert status == 204, body
        self.phone = await self.lab.sign_in(self.person)
        self.call = await self.phone.dial("0015")
        await self.call.answered()
        await self.call.say(tone=AGENT)
        await self.lab.until(self._on_line, lambda there: there, what="the agent on the line")

    async def _on_line(self) -> bool:
        snapshot = await self.lab.web.snapshot()
        return any(row["id"] == str(self.job) and row.get("waiting_agents") for row in snapshot["jobs"])

    async def close(self) -> None:
        await self.lab.web.send("POST", f"call-jobs/{self.job}/stop")
        await self.lab.pool.execute("UPDATE lead SET state = 'excluded', claimed_until = NULL WHERE state <> 'dialing'")

    async def lead(self) -> str:
        """A number that nobody has, on the list."""
        number = f"+81900{random.randrange(10**7):07}"
        await self.lab.pool.execute(
            "INSERT INTO lead (campaign, batch, number, name) VALUES ($1, $1, $2, 'Lead')", self.job, number
        )
        return number

    async def customer(self) -> tuple[str, Call]:
        """A lead whose telephone rings."""
        number = await self.lead()
        call = await self.lab.carrier.rings(within=15.0)
        assert call.called == number
        return number, call


async def test_answered_is_joined_at_once_and_both_hear(lab: Lab, line: Line) -> None:
    number, customer = await line.customer()
    await customer.answer()
    await customer.say(tone=CUSTOMER)
    await customer.hears(AGENT)
    await line.call.hears(CUSTOMER)
    await lab.condition(line.person, "talking")
    await customer.hang_up()

    attempt = await lab.row("SELECT * FROM attempt WHERE number = $1 AND ended_at IS NOT NULL", number)
    assert (attempt["result"], attempt["agent"]) == ("connected", line.person.id)
    assert attempt["waited_seconds"] < 2.0, "what the law allows"
    call = await lab.row("SELECT * FROM call WHERE attempt = $1 AND ended_at IS NOT NULL", attempt["id"])
    assert (call["direction"], call["result"], call["other_number"]) == ("campaign", "answered", number)
    assert abs(call["talked_seconds"] - customer.talked) < 0.5
    assert line.call.progress == "up"
    await lab.row("SELECT * FROM recording WHERE call = $1 AND state = 'ready'", call["id"])


async def test_the_line_takes_one_customer_after_the_other(lab: Lab, line: Line) -> None:
    for _ in range(2):
        _number, customer = await line.customer()
        await customer.answer()
        await customer.say(tone=CUSTOMER)
        await line.call.hears(CUSTOMER)
        await customer.hang_up()
        await line.call.hears_none_of(CUSTOMER)
    assert line.call.progress == "up"


@pytest.mark.parametrize(("code", "result"), [(486, "busy"), (503, "failed")])
async def test_a_refusal_is_the_attempts_result(lab: Lab, line: Line, code: int, result: str) -> None:
    number, customer = await line.customer()
    await customer.hang_up(code)
    attempt = await lab.row("SELECT * FROM attempt WHERE number = $1 AND ended_at IS NOT NULL", number)
    assert attempt["result"] == result
    assert line.call.progress == "up"


async def test_nobody_answers(lab: Lab, line: Line) -> None:
    number, customer = await line.customer()
    await customer.ended(within=25.0)
    attempt = await lab.row("SELECT * FROM attempt WHERE number = $1 AND ended_at IS NOT NULL", number)
    assert attempt["result"] == "no_answer"
    rang = (customer.at("ended") or 0.0) - (customer.at("early") or 0.0)
    assert rang >= 14.5, "a customer's phone rings at least 15 s"
    lead = await lab.row("SELECT * FROM lead WHERE number = $1", number)
    assert lead["state"] == "retry"


async def test_nobody_free_hears_who_called(lab: Lab, line: Line) -> None:
    number, customer = await line.customer()
    await line.call.hang_up()
    await customer.answer()
    await customer.hears_something(within=4.0)
    await customer.ended(within=30.0)
    attempt = await lab.row("SELECT * FROM attempt WHERE number = $1 AND ended_at IS NOT NULL", number)
    assert attempt["result"] == "abandoned"


async def test_nothing_is_dialed_without_an_agent(lab: Lab, line: Line) -> None:
    await line.call.hang_up()
    await lab.condition(line.person, "available", within=15.0)
    number = await line.lead()
    await lab.carrier.silent(3.0)
    assert not await lab.pool.fetch("SELECT 1 FROM attempt WHERE number = $1", number)


async def test_a_line_asked_for_in_the_browser_rings_the_agents_phone(lab: Lab) -> None:
    person, job = lab.agent(13, 18), lab.campaign("progressive").id
    phone = await lab.sign_in(person)
    async with Web(lab.center.plan.web, person) as web:
        assert await web.send("POST", f"call-jobs/{job}/join") == (204, None)
        call = await phone.rings()
        await call.answer()
        interval = await lab.condition(person, "available")
        await lab.row("SELECT 1 FROM status_interval WHERE agent = $1 AND job = $2 AND until IS NULL", person.id, job)
        assert interval["agent"] == person.id
        assert await web.send("POST", f"call-jobs/{job}/leave") == (204, None)
        await call.ended()
        await lab.row("SELECT 1 FROM status_interval WHERE agent = $1 AND job IS NULL AND until IS NULL", person.id)


async def test_a_browsers_line_that_nobody_answers_is_given_up(lab: Lab) -> None:
    person, job = lab.agent(13, 18), lab.campaign("progressive").id
    phone = await lab.sign_in(person)
    async with Web(lab.center.plan.web, person) as web:
        assert await web.send("POST", f"call-jobs/{job}/join") == (204, None)
        first = await phone.rings()
        assert (await web.send("POST", f"call-jobs/{job}/join"))[0] == 409
        await first.hang_up(486)
        await lab.no_channel_left()
        assert await web.send("POST", f"call-jobs/{job}/join") == (204, None)
        await (await phone.rings()).hang_up(486)
