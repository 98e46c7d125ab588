"""Both lanes of a recording, measured: one process plays the same noise into both legs of a call in the same tick."""

import io
from pathlib import Path

import numpy as np
import soundfile

from pbx_bridge.demo.phones import Farm
from recordings.encoding import Int16
from tests.recordings.sounds import noise

from .lab import Lab

RATE, FRAME = 8000, 160


def offset(agent: Int16, other: Int16) -> int:
    """Samples by which the agent's lane is behind the other's in a second from the first on."""
    late, early = (lane[RATE : 2 * RATE].astype(np.float64) for lane in (agent, other))
    return int(np.argmax(np.correlate(late, early, "full"))) - (RATE - 1)


async def test_both_lanes_begin_with_the_conversation(lab: Lab, tmp_path: Path) -> None:
    """A recorder that ran before has a part of a prompt's last frame in one queue: never again whole frames apart."""
    sound, plan, person = tmp_path / "noise.wav", lab.center.plan, lab.agent()
    soundfile.write(sound, noise(10 * RATE) // 8, RATE)
    async with Farm(plan.carrier_address) as both:
        desks = {"registrar": plan.sip, "address": plan.phones_address}
        lab.took(person, await both.phone(person.extension, person.sip_password, **desks))
        phone = await lab.sign_in(person)
        customer = await (await both.peer("carrier", plan.sip)).dial(lab.place().number, caller="09000007171")
        desk = await phone.rings()
        await desk.answer()
        for call in (desk, customer):
            await call.say(wav=str(sound), together=True)
        await customer.hears_something()
        await lab.pause_for_keys(16)
        await customer.hang_up()
        row = await lab.call_of(customer)
        await lab.row("SELECT 1 FROM recording WHERE call = $1 AND state = 'ready'", row["id"], within=20)
        _, wav = await lab.web.send("GET", f"calls/{row['id']}/recording?format=wav")
        await phone.unregister()
    agent, other = soundfile.read(io.BytesIO(wav), dtype="int16")[0].T
    late = offset(agent, other)
    assert late % FRAME == 0, late
    assert abs(late) <= 4 * FRAME, "more than Asterisk ever lets them part"
