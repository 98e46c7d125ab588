"""What the keys beside a desk phone show: one's own status, and what a colleague is doing."""

import pytest

from .blf import keys
from .conftest import Floor
from .test_dialogues import sign_in

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_status_key_is_lit_while_the_status_is_on(floor: Floor) -> None:
    await sign_in(floor)
    async with keys("1001") as panel:
        for code in ("0021", "0023", "0025"):
            panel.press(code)
        await panel.shows("0021", "confirmed")
        await panel.shows("0023", "dark")
        await floor.desk.dial(floor.phones["1001"], "0023")
        await panel.shows("0023", "confirmed")
        await panel.shows("0021", "dark")
        await floor.desk.dial(floor.phones["1001"], "0025")
        await panel.shows("0025", "confirmed")
        await panel.shows("0023", "dark")
        await floor.desk.dial(floor.phones["1001"], "0011")
        await panel.shows("0025", "dark")


async def test_a_status_key_is_ones_own(floor: Floor) -> None:
    await sign_in(floor)
    async with keys("1002") as colleague:
        colleague.press("0021")
        await colleague.shows("0021", "dark")
        await floor.desk.dial(floor.phones["1001"], "0024")
        assert set(colleague.seen["0021"]) == {"dark"}


async def test_a_colleagues_key_shows_available_ringing_talking_away(floor: Floor) -> None:
    await sign_in(floor)
    async with keys("1002") as panel:
        panel.press("1001")
        await panel.shows("1001", "dark")
        customer = await floor.carrier.dial("0312340001", "09011112222")
        desk = await floor.phones["1001"].rings(within=15.0)
        await panel.shows("1001", "early")
        await desk.answer()
        await panel.shows("1001", "confirmed")
        await customer.hang_up()
        await panel.shows("1001", "dark")
        await floor.desk.dial(floor.phones["1001"], "0024")
        await panel.shows("1001", "held")
        await floor.desk.dial(floor.phones["1001"], "0021")
        await panel.shows("1001", "dark")
        await floor.desk.dial(floor.phones["1001"], "0024")
        await panel.shows("1001", "held")
        await floor.desk.dial(floor.phones["1001"], "0011")
        await panel.shows("1001", "dark")
