"""A phone dies in a call: nobody says goodbye, and its agent may not be taken by a call that is none."""

import os
import signal

from pbx_bridge.demo.phones import Farm

from .lab import Lab


async def test_a_phone_that_died_in_a_call_lets_its_agent_go(lab: Lab) -> None:
    """`timers_sess_expires` in pjsip.conf."""
    plan, person = lab.center.plan, lab.agent()
    async with Farm(plan.phones_address) as doomed:
        lab.took(person, await doomed.phone(person.extension, person.sip_password, plan.sip))
        phone = await lab.sign_in(person)
        customer = await lab.customer()
        await (await phone.rings()).answer()
        await lab.condition(person, "talking")
        os.kill(doomed.pid, signal.SIGKILL)
        await customer.ended(within=180.0)
    row = await lab.call_of(customer)
    assert (row["result"], row["agent"]) == ("answered", person.id)
    await lab.condition(person, "available")
