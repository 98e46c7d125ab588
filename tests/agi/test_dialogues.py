"""Every dial operation on a real phone: what is keyed, what is heard, what the board shows afterwards."""

import asyncio
from pathlib import Path
from typing import get_args

import pytest

from agi.dialogues.endings import REFUSALS
from agi.sentences import SENTENCES
from pbx_bridge.core.commands import SignIn
from pbx_bridge.core.errors import RefusalId
from pbx_bridge.core.facts import CallStarted
from pbx_bridge.core.ids import AgentId
from tests import exchange

from .conftest import Floor

pytestmark = pytest.mark.asyncio(loop_scope="module")

ID, PASSWORD = "1001#", "739101#"
SIGNED_IN = ["enter-id:", "enter-password:", "signed-in", "1001", "status-1"]
MOVED = [*SIGNED_IN[:2], "signed-in-moved", *SIGNED_IN[3:]]
LAST = ["previous-status", "status-1", "under-a-minute", "lasted"]


async def sign_in(floor: Floor, extension: str = "1001") -> None:
    """Agent 1, without the telephone."""
    terminal = await floor.desk.terminals.by_extension(extension)
    assert terminal is not None
    await floor.desk.engine.submit(SignIn(AgentId(1), terminal.id, "web"))
    await floor.desk.becomes(1, "available", extension)


@pytest.mark.parametrize(("extension", "code"), [("1001", "0010"), ("1002", "80010")])
async def test_sign_in_in_both_languages_and_behind_the_mobile_prefix(floor: Floor, extension: str, code: str) -> None:
    assert await floor.desk.dial(floor.phones[extension], code, ID, PASSWORD) == SIGNED_IN
    await floor.desk.becomes(1, "available", extension)
    members = await asyncio.to_thread(floor.desk.asterisk.console, "queue show center-7000")
    assert f"PJSIP/{extension}" in members


HERE = [*SIGNED_IN[2:]]
BYE = ["goodbye"]
WRONG = ["wrong-credentials"]
# what it is about; whether agent 1 sits at 1001; phone, code, what is keyed at each question; how it ends
TABLE = [
    ("wrong, then right", False, "1001", "0010", [ID, "1#", ID, PASSWORD], [*WRONG, *SIGNED_IN]),
    ("three wrong tries", False, "1002", "0010", [ID, "1#", ID, "2#", ID, "3#"], [*WRONG, *BYE]),
    ("an unknown ID", False, "1001", "0010", ["4711#", "1#"] * 3, [*WRONG, *BYE]),
    ("nothing keyed", False, "1001", "0010", ["#"] * 3, ["no-input", "enter-id:", "no-input", *BYE]),
    ("an account without agent use", False, "1001", "0010", ["1009#", "739109#"], ["not-an-agent", *BYE]),
    ("somebody else sits here", True, "1001", "0010", ["1002#", "739102#"], ["terminal-in-use", *BYE]),
    ("elsewhere: the new terminal wins", True, "1002", "0010", [ID, PASSWORD], ["signed-in-moved", *HERE[1:]]),
    ("signed in here already", True, "1001", "0010", [ID, PASSWORD], HERE),
    ("naming a free extension", False, "1001", "0012", [ID, PASSWORD, "1003#"], HERE),
    ("naming an unknown one", False, "1001", "0012", [ID, PASSWORD, "99#", "1003#"], ["enter-extension:", *HERE]),
    ("naming only unknown ones", False, "1001", "0012", [ID, PASSWORD, *["99#"] * 3], ["unknown-extension", *BYE]),
    ("naming a dead phone", False, "1001", "0012", [ID, PASSWORD, "1004#"], ["terminal-not-registered", *BYE]),
    ("sign out at one's own terminal", True, "1001", "0011", [], ["signed-out"]),
    ("sign out from somewhere else", True, "1002", "0011", [ID, PASSWORD], ["enter-password:", "signed-out"]),
    ("sign out, but never signed in", False, "1001", "0011", [ID, PASSWORD], ["not-signed-in", *BYE]),
    ("break by extension", True, "1001", "0023", [], ["status-changed", "status-3", *LAST]),
    ("after-call work by extension", True, "1001", "0022", [], ["status-changed", "status-2", *LAST]),
    ("away, mobile", True, "1001", "80024", [], ["status-changed", "status-4", *LAST]),
    ("available again", True, "1001", "0021", [], ["status-changed", "status-1"]),
    ("logged off by extension", True, "1001", "0020", [], ["status-changed", "status-0", *LAST]),
    ("status of nobody", False, "1001", "0023", [], ["not-signed-in", *BYE]),
    ("status by digit", True, "1001", "0013", ["3"], ["enter-status:", "status-changed", "status-3", *LAST]),
    ("no such status, then one", True, "1001", "0013", ["9", "4"], ["status-changed", "status-4", *LAST]),
    ("no such status", True, "1001", "0013", ["9", "9", "9"], ["unknown-status", *BYE]),
    ("status asked for nobody", False, "1002", "0013", [], ["not-signed-in", *BYE]),
    ("raise hand", True, "1001", "0014", [], ["hand-raised"]),
    ("raise nobody's hand", False, "1001", "0014", [], ["not-signed-in", *BYE]),
    ("no such status by extension", True, "1001", "0029", [], ["unknown-status", *BYE]),
    ("a custom status", True, "1001", "0025", [], ["status-changed", "status-5", *LAST]),
    ("pause, but no call", True, "1001", "0074", [], ["no-call", *BYE]),
    ("pause of nobody", False, "1001", "0074", [], ["not-signed-in", *BYE]),
    ("no call job", True, "1001", "0015", [], ["no-job", *BYE]),
    ("call job of nobody", False, "1001", "0015", [], ["not-signed-in", *BYE]),
]


@pytest.mark.parametrize(
    ("seated", "extension", "code", "keyed", "ending"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
async def test_every_case_has_its_spoken_outcome(
    floor: Floor, seated: bool, extension: str, code: str, keyed: list[str], ending: list[str]
) -> None:
    if seated:
        await sign_in(floor)
    heard = await floor.desk.dial(floor.phones[extension], code, *keyed)
    assert heard[-len(ending) :] == ending
    assert floor.desk.server.counts["failed"] == 0


async def test_every_refusal_has_a_sentence() -> None:
    assert set(REFUSALS) == set(get_args(RefusalId))
    assert set(REFUSALS.values()) <= set(SENTENCES)


async def test_a_hand_goes_up_and_down(floor: Floor) -> None:
    await sign_in(floor)
    assert await floor.desk.dial(floor.phones["1001"], "0014") == ["hand-raised"]
    assert floor.desk.agent(1).hand_since is not None
    assert await floor.desk.dial(floor.phones["1001"], "0014") == ["hand-lowered"]


async def test_after_five_wrong_tries_nothing_is_checked_any_more(floor: Floor) -> None:
    before = floor.desk.lockouts.checked
    await floor.desk.dial(floor.phones["1001"], "0010", *["1002#", "1#"] * 3)
    heard = await floor.desk.dial(floor.phones["1001"], "0010", *["1002#", "2#"] * 2, "1002#", "739102#")
    assert heard[-2:] == ["locked", "goodbye"]
    assert floor.desk.lockouts.checked - before == 5
    assert floor.desk.agent(2).condition == "logged_off"


async def test_in_a_call_status_sign_out_and_moving(floor: Floor) -> None:
    await sign_in(floor)
    customer = await floor.carrier.dial("0312340001", "09011112222")
    ringing = await floor.phones["1001"].rings(within=15.0)
    await ringing.answer()
    async with asyncio.timeout(5.0):
        while floor.desk.agent(1).condition != "talking":
            await asyncio.sleep(0.02)
    assert await floor.desk.dial(floor.phones["1001"], "0023") == ["status-after-call", "status-3"]
    moved = await floor.desk.dial(floor.phones["1002"], "0010", ID, PASSWORD)
    assert moved[-2:] == ["call-in-progress", "goodbye"]
    assert await floor.desk.dial(floor.phones["1001"], "0011") == ["sign-out-after-call"]
    assert floor.desk.agent(1).condition == "talking"
    await customer.hang_up()
    async with asyncio.timeout(5.0):
        while floor.desk.agent(1).condition != "logged_off":
            await asyncio.sleep(0.02)


async def test_a_call_job_keeps_the_call_up_as_the_open_line(floor: Floor) -> None:
    await sign_in(floor)
    floor.desk.campaigns.add(1, 1)
    line = await floor.desk.begin(floor.phones["1001"], "0015")
    async with asyncio.timeout(10.0):
        while "BridgeWait" not in await asyncio.to_thread(floor.desk.asterisk.console, "core show channels"):
            await asyncio.sleep(0.1)
    assert floor.desk.heard == ["job-joined"]
    assert floor.desk.agent(1).job == "1"
    assert await floor.desk.dial(floor.phones["1001"], "0015") == ["job-left"]
    await line.ended(within=5.0)


async def test_of_several_call_jobs_one_is_chosen_by_digit(floor: Floor) -> None:
    await sign_in(floor)
    floor.desk.campaigns.add(1, 1, running=False)
    floor.desk.campaigns.add(2, 1)
    line = await floor.desk.begin(floor.phones["1001"], "0015")
    await floor.desk.key(line, "2")
    async with asyncio.timeout(10.0):
        while floor.desk.agent(1).job != "1":  # running ones come first
            await asyncio.sleep(0.05)
    await line.hang_up()


async def test_an_outside_number_becomes_the_sign_in_terminal(floor: Floor) -> None:
    before = len(floor.desk.ledger.facts)
    heard = await floor.desk.dial_from(floor.carrier, exchange.SIGN_IN_NUMBER, exchange.MOBILE, ID, PASSWORD)
    assert heard == SIGNED_IN
    await floor.desk.becomes(1, "available", exchange.MOBILE)
    heard = await floor.desk.dial_from(floor.carrier, exchange.SIGN_OUT_NUMBER, exchange.MOBILE, ID, PASSWORD)
    assert heard == ["enter-id:", "enter-password:", "signed-out"]
    assert not any(isinstance(fact, CallStarted) for fact in floor.desk.ledger.facts[before:]), (
        "a dial operation is no call"
    )


async def test_a_mobile_and_a_desk_conflict_as_two_desks_do(floor: Floor) -> None:
    await sign_in(floor)
    mobile = (floor.carrier, exchange.SIGN_IN_NUMBER, exchange.MOBILE)
    heard = await floor.desk.dial_from(*mobile, ID, PASSWORD)
    assert heard == MOVED
    await floor.desk.becomes(1, "available", exchange.MOBILE)
    heard = await floor.desk.dial_from(*mobile, "1002#", "739102#")
    assert heard[-2:] == ["terminal-in-use", "goodbye"]
    assert await floor.desk.dial(floor.phones["1002"], "0010", ID, PASSWORD) == MOVED
    await floor.desk.becomes(1, "available", "1002")


@pytest.mark.parametrize("number", [exchange.SIGN_IN_NUMBER, exchange.SIGN_OUT_NUMBER])
async def test_an_outside_number_that_is_not_on_the_list_finds_nobody(floor: Floor, number: str) -> None:
    call = await floor.carrier.dial(number, "09012340002")
    await call.ended()
    assert call.code == 404


async def test_an_outside_number_is_not_signed_in_from_a_desk(floor: Floor) -> None:
    """Its own call proves that it is there, and that whoever keys the password holds it."""
    heard = await floor.desk.dial(floor.phones["1001"], "0012", ID, PASSWORD, *[f"{exchange.MOBILE}#"] * 3)
    assert heard[-2:] == ["unknown-extension", "goodbye"]
    assert floor.desk.agent(1).condition == "logged_off"


async def test_with_the_database_away_it_says_so_within_three_seconds(floor: Floor) -> None:
    await sign_in(floor)
    floor.desk.ledger.away = True
    try:
        call = await floor.desk.begin(floor.phones["1001"], "0023")
        await call.hears_something(within=3.0)
        await call.ended(within=15.0)
        assert floor.desk.heard == ["try-later"]
    finally:
        floor.desk.ledger.away = False
    await floor.desk.becomes(1, "break", "1001", within=10.0)  # it was asked for and not lost


async def test_no_password_lies_anywhere_afterwards(floor: Floor) -> None:
    await sign_in(floor)
    run = Path(floor.desk.asterisk.log_dir).parent
    canary = PASSWORD.removesuffix("#").encode()

    def holding() -> list[Path]:
        files = [path for path in run.rglob("*") if path.is_file() and not path.is_symlink()]
        return [path for path in files if "sounds" not in path.parts and canary in path.read_bytes()]

    assert await asyncio.to_thread(holding) == []
    assert canary.decode() not in repr(floor.desk.ledger.facts)


async def test_hanging_up_in_the_middle_leaves_nothing(floor: Floor) -> None:
    before = floor.desk.server.counts.copy()
    for _ in range(3):
        call = await floor.desk.begin(floor.phones["1001"], "0010")
        await floor.desk.key(call, "1001")
        await call.hang_up()
    async with asyncio.timeout(5.0):
        while floor.desk.server.counts - before != {"hung_up": 3}:
            await asyncio.sleep(0.02)
    assert floor.desk.server.sessions == 0
    channels = await asyncio.to_thread(floor.desk.asterisk.console, "core show channels count")
    assert channels.startswith("0 active channels")
