"""What people do in each stream. A scenario's first line is its plot."""

import asyncio
from collections.abc import Awaitable, Callable

from pbx_bridge.demo.phones import Call, Phone
from pbx_bridge.demo.world import MOBILES

from .stage import Stage

Scenario = Callable[[Stage], Awaitable[None]]


async def _talk(seconds: float = 1.0) -> None:
    """People speak for a while: length is part of the plot, nothing is waited for."""
    await asyncio.sleep(seconds)


async def _taken(phone: Phone, within: float = 15.0) -> Call:
    """The agent lets it ring a moment and answers."""
    call = await phone.rings(within)
    await _talk(0.5)
    return await call.answer()


async def inbound_answered_customer_hangs_up(stage: Stage) -> None:
    """A customer calls 7001, agent 1 answers, the customer hangs up; wrap-up of 2 s."""
    (phone,) = await stage.agents(1)
    async with stage.recorded():
        customer = await stage.customer("7001")
        await _taken(phone)
        await _talk()
        await customer.hang_up()
        await stage.settle(1)


async def inbound_answered_agent_hangs_up(stage: Stage) -> None:
    """A customer calls 7001, agent 1 answers and hangs up first; wrap-up of 2 s."""
    (phone,) = await stage.agents(1)
    async with stage.recorded():
        await stage.customer("7001")
        call = await _taken(phone)
        await _talk()
        await call.hang_up()
        await stage.settle(1)


async def inbound_abandoned_in_queue(stage: Stage) -> None:
    """A customer waits in 7001 where nobody is signed in, and gives up."""
    async with stage.recorded():
        customer = await stage.customer("7001")
        await stage.queued()
        await _talk(1.5)
        await customer.hang_up()


async def inbound_abandoned_while_ringing(stage: Stage) -> None:
    """Agent 1's phone rings, but the customer gives up before it is answered: no wrap-up."""
    (phone,) = await stage.agents(1)
    async with stage.recorded():
        customer = await stage.customer("7001")
        call = await phone.rings(15.0)
        await _talk()
        await customer.hang_up()
        await call.ended()


async def inbound_overflow(stage: Stage) -> None:
    """Nobody is signed in at 7003: after 3 s the customer hears that all are busy, and Asterisk hangs up."""
    async with stage.recorded():
        customer = await stage.customer("7003")
        await customer.answered()
        await customer.ended(within=60.0)


async def inbound_agent_does_not_take_it(stage: Stage) -> None:
    """7002 rings one agent for 20 s in vain, then the other, who answers; the customer hangs up."""
    first, second = await stage.agents(1, 2)
    async with stage.recorded():
        customer = await stage.customer("7002")
        rings = [asyncio.create_task(phone.rings(40.0)) for phone in (first, second)]
        done, _ = await asyncio.wait(rings, return_when=asyncio.FIRST_COMPLETED)
        await done.pop().result().ended(within=40.0)
        taken = (await asyncio.gather(*rings))[-1]
        taken = next(call for task in rings if (call := task.result()).progress != "ended")
        await taken.answer()
        await _talk()
        await customer.hang_up()
        await stage.settle(1, 2)


async def inbound_agent_refuses(stage: Stage) -> None:
    """Agent 1 presses «busy» while it rings, the queue tries again and agent 1 answers; the customer hangs up."""
    (phone,) = await stage.agents(1)
    async with stage.recorded():
        customer = await stage.customer("7001")
        call = await phone.rings(15.0)
        await call.hang_up(486)
        await _taken(phone, within=30.0)
        await _talk()
        await customer.hang_up()
        await stage.settle(1)


async def inbound_answered_at_a_mobile(stage: Stage) -> None:
    """7001 rings agent 1 on a mobile, which hangs up when asked, and again, where 1 is keyed; the customer hangs up."""
    mobile = MOBILES[0]
    await stage.sign_in_from(mobile, stage.person(1))
    async with stage.recorded():
        customer = await stage.customer("7001")
        call = await _taken(stage.carrier)
        await call.hears_something()
        await call.hang_up()
        call = await stage.carrier.rings(15.0)
        await stage.take(call)
        await _talk(2.0)
        await customer.hang_up()
        await stage.settle(1)


async def two_calls_at_once(stage: Stage) -> None:
    """Two customers, two agents, both talk at once; the first is ended by the customer, the second by the agent."""
    phones = await stage.agents(1, 2)
    async with stage.recorded():
        first = await stage.customer("7001")
        rings = {asyncio.create_task(_taken(phone, 30.0)) for phone in phones}
        done, rings = await asyncio.wait(rings, return_when=asyncio.FIRST_COMPLETED)
        await stage.customer("7001")
        last = await rings.pop()
        await _talk()
        await first.hang_up()
        await done.pop().result().ended()
        await _talk()
        await last.hang_up()
        await stage.settle(1, 2)


async def hold_and_resume(stage: Stage) -> None:
    """Agent 1 puts the customer on hold for a second and takes them back; the agent hangs up."""
    (phone,) = await stage.agents(1)
    async with stage.recorded():
        await stage.customer("7001")
        call = await _taken(phone)
        await _talk(0.5)
        await call.hold()
        await _talk()
        await call.hold(False)
        await _talk()
        await call.hang_up()
        await stage.settle(1)


async def blind_transfer_customer_a_b(stage: Stage) -> None:
    """Agent 1 answers and transfers the customer blindly to agent 2, who answers; the customer hangs up."""
    first, second = await stage.agents(1, 2)
    await stage.pause(2)
    async with stage.recorded():
        customer = await stage.customer("7001")
        call = await _taken(first)
        await _talk()
        await call.transfer(stage.person(2).extension)
        await _taken(second)
        await _talk()
        await customer.hang_up()
        await stage.settle(1)


async def attended_transfer_customer_a_b(stage: Stage) -> None:
    """Agent 1 answers, consults agent 2 and joins the two; the customer hangs up."""
    first, second = await stage.agents(1, 2)
    await stage.pause(2)
    async with stage.recorded():
        customer = await stage.customer("7001")
        call = await _taken(first)
        await _talk(0.5)
        await call.hold()
        consultation = await first.dial(stage.person(2).extension)
        await _taken(second)
        await consultation.answered()
        await _talk()
        await call.transfer_onto(consultation)
        await consultation.ended()
        await _talk()
        await customer.hang_up()
        await stage.settle(1)


async def attended_transfer_by_code(stage: Stage) -> None:
    """Agent 1 answers, keys *2 and consults agent 2, hangs up and so joins the two; the customer hangs up."""
    first, second = await stage.agents(1, 2)
    await stage.pause(2)
    async with stage.recorded():
        customer = await stage.customer("7001")
        call = await _taken(first)
        await _talk()
        await call.digits("*2")
        await _talk(2.0)
        await call.digits(stage.person(2).extension)
        await _taken(second)
        await _talk()
        await call.hang_up()
        await _talk()
        await customer.hang_up()
        await stage.settle(1)


async def attended_transfer_by_code_given_up(stage: Stage) -> None:
    """Agent 1 answers, keys *2 and consults agent 2, who hangs up: agent 1 has the customer back and hangs up."""
    first, second = await stage.agents(1, 2)
    await stage.pause(2)
    async with stage.recorded():
        await stage.customer("7001")
        call = await _taken(first)
        await _talk()
        await call.digits("*2")
        await _talk(2.0)
        await call.digits(stage.person(2).extension)
        taken = await _taken(second)
        await _talk()
        await taken.hang_up()
        await _talk(2.0)
        await call.hang_up()
        await stage.settle(1)


async def internal_call(stage: Stage) -> None:
    """Agent 1 calls agent 2 directly, who answers; agent 1 hangs up."""
    first, second = await stage.agents(1, 2)
    async with stage.recorded():
        call = await first.dial(stage.person(2).extension)
        await _taken(second)
        await _talk()
        await call.hang_up()
        await stage.settle(1, 2)


async def outbound_answered(stage: Stage) -> None:
    """Agent 1 calls a customer, who answers and hangs up."""
    (phone,) = await stage.agents(1)
    async with stage.recorded():
        await phone.dial("09012345678")
        customer = await _taken(stage.carrier)
        await _talk()
        await customer.hang_up()
        await stage.settle(1)


async def outbound_busy(stage: Stage) -> None:
    """Agent 1 calls a customer, who is busy."""
    (phone,) = await stage.agents(1)
    async with stage.recorded():
        call = await phone.dial("09012345678")
        await (await stage.carrier.rings()).hang_up(486)
        await call.ended()
        await stage.settle(1)


async def outbound_given_up(stage: Stage) -> None:
    """Agent 1 calls a customer and hangs up while it rings."""
    (phone,) = await stage.agents(1)
    async with stage.recorded():
        call = await phone.dial("09012345678")
        await stage.carrier.rings()
        await _talk()
        await call.hang_up()
        await stage.settle(1)


async def callback_answered(stage: Stage) -> None:
    """Agent 1 calls a customer back from the list: the own phone rings first; the customer hangs up; wrap-up of 2 s."""
    (phone,) = await stage.agents(1)
    owed = await stage.owed("09012345678")
    async with stage.recorded():
        await stage.call_back(1, owed)
        await _taken(phone)
        customer = await _taken(stage.carrier)
        await _talk()
        await customer.hang_up()
        await stage.settle(1)


async def callback_not_begun(stage: Stage) -> None:
    """Agent 1 wants to call a customer back and declines the own phone's call: nobody was called."""
    (phone,) = await stage.agents(1)
    owed = await stage.owed("09012345679")
    async with stage.recorded():
        await stage.call_back(1, owed)
        await (await phone.rings()).hang_up(486)
        await stage.settle(1)


async def ami_cut_in_mid_call(stage: Stage) -> None:
    """The bridge loses AMI while agent 1 talks, and finds the call as it was; the customer hangs up."""
    (phone,) = await stage.agents(1)
    async with stage.recorded():
        customer = await stage.customer("7001")
        await _taken(phone)
        await _talk()
        stage.cable.cut()
        await _talk(2.0)
        await customer.hang_up()
        await stage.settle(1)


async def ami_cut_while_call_ends(stage: Stage) -> None:
    """The call ends and another one begins to ring while AMI is away: `lost`, and the new one is found waiting."""
    (phone,) = await stage.agents(1)
    async with stage.recorded():
        customer = await stage.customer("7001")
        await _taken(phone)
        await _talk()
        with stage.cable.away():
            await customer.hang_up()
            await stage.settle(1)
            customer = await stage.customer("7001")
            call = await phone.rings(15.0)
            await _talk()
        await stage.cable.plugged_in()
        await _talk(2.0)
        await call.answer()
        await _talk()
        await customer.hang_up()
        await stage.settle(1)


# -- campaigns ---------------------------------------------------------------------------------------------------------


async def campaign_answered(stage: Stage) -> None:
    """Agent 1 opens a line, the campaign dials one lead, who answers, talks and hangs up; wrap-up of 5 s."""
    (phone,) = await stage.agents(1)
    await stage.leads("+81900000001")
    async with stage.recorded():
        await stage.start_job()
        await stage.open_line(phone, 1)
        customer = await _taken(stage.carrier)
        await _talk(2.0)
        await customer.hang_up()
        await stage.settle(1)
        await stage.stop_job()


async def campaign_busy(stage: Stage) -> None:
    """The lead is busy; agent 1 waits on."""
    (phone,) = await stage.agents(1)
    await stage.leads("+81900000002")
    async with stage.recorded():
        await stage.start_job()
        await stage.open_line(phone, 1)
        await (await stage.carrier.rings()).hang_up(486)
        await stage.ended(1)
        await stage.stop_job()


async def campaign_no_answer(stage: Stage) -> None:
    """The lead's phone rings for 6 s and nobody answers."""
    (phone,) = await stage.agents(1)
    await stage.leads("+81900000003")
    async with stage.recorded():
        await stage.start_job()
        await stage.open_line(phone, 1)
        await (await stage.carrier.rings()).ended(within=15.0)
        await stage.ended(1)
        await stage.stop_job()


async def campaign_abandoned(stage: Stage) -> None:
    """The only agent leaves while the lead's phone rings: after 2 s the customer hears the message and hangs up."""
    (phone,) = await stage.agents(1)
    await stage.leads("+81900000004")
    async with stage.recorded():
        await stage.start_job()
        line = await stage.open_line(phone, 1)
        customer = await stage.carrier.rings()
        await line.hang_up()
        await _talk(0.5)
        await customer.answer()
        await customer.hears_something()
        await _talk(2.0)
        await customer.hang_up()
        await stage.ended(1)
        await stage.stop_job()


async def open_line_two_customers(stage: Stage) -> None:
    """Agent 1 talks with two leads on one open line; the agent's line stays up between them, then the agent leaves."""
    (phone,) = await stage.agents(1)
    await stage.leads("+81900000005", "+81900000006")
    async with stage.recorded():
        await stage.start_job()
        line = await stage.open_line(phone, 1)
        for _ in range(2):
            customer = await _taken(stage.carrier, within=20.0)
            await _talk(2.0)
            await customer.hang_up()
        await stage.ended(2)
        await stage.settle(1)
        await line.hang_up()
        await stage.stop_job()


ALL: dict[str, Scenario] = {
    scenario.__name__: scenario
    for scenario in (
        inbound_answered_customer_hangs_up,
        inbound_answered_agent_hangs_up,
        inbound_abandoned_in_queue,
        inbound_abandoned_while_ringing,
        inbound_overflow,
        inbound_agent_does_not_take_it,
        inbound_agent_refuses,
        inbound_answered_at_a_mobile,
        two_calls_at_once,
        hold_and_resume,
        blind_transfer_customer_a_b,
        attended_transfer_customer_a_b,
        attended_transfer_by_code,
        attended_transfer_by_code_given_up,
        internal_call,
        outbound_answered,
        outbound_busy,
        outbound_given_up,
        callback_answered,
        callback_not_begun,
        ami_cut_in_mid_call,
        ami_cut_while_call_ends,
        campaign_answered,
        campaign_busy,
        campaign_no_answer,
        campaign_abandoned,
        open_line_two_customers,
    )
}
"""Every stream by its name."""
