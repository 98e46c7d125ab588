"""The rendered configuration in a real Asterisk, with real phones and a real carrier's side of the trunk."""

import asyncio
import csv
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from dialplan.journal import CDR_COLUMNS, CDR_FILE, CEL_COLUMNS, CEL_FILE
from dialplan.zones import posix
from pbx_bridge.ami.link import Address, Link
from pbx_bridge.ami.login import Account
from pbx_bridge.ami.pair import LinkPair
from pbx_bridge.ami.queries import Query
from pbx_bridge.core.actions import HangUp, Join, Originate, Redirect, SetDeviceState
from pbx_bridge.core.contexts import ABANDON, ATTEMPT
from pbx_bridge.core.ids import AttemptId, ChannelId
from pbx_bridge.core.numbering import Numbering
from pbx_bridge.demo.phones import Call, Farm, Phone
from pbx_bridge.parts.asterisk import RunningAsterisk
from tests import exchange
from tests.core.test_numbering import SHAPES

pytestmark = pytest.mark.asyncio(loop_scope="module")

REGISTRAR = f"{exchange.SIP}:{exchange.PORT}"
AGENT, CUSTOMER = 620, 1100
"""Hertz each of them hums."""


class Lab:
    """A running Asterisk, phones 1001 and 1002, the carrier's side, and a bare link: no bridge."""

    def __init__(self, folder: Path, asterisk: RunningAsterisk, pair: LinkPair, farm: Farm) -> None:
        self.folder, self.asterisk, self.pair, self.farm = folder, asterisk, pair, farm
        self.carrier: Phone
        self.desk: Phone
        self.other: Phone

    def channels(self, part: str) -> list[str]:
        lines = self.asterisk.console("core show channels concise").splitlines()
        return [line.split("!")[0] for line in lines if "!" in line and part in line]

    async def until_channels(self, part: str, count: int) -> list[str]:
        async with asyncio.timeout(5.0):
            while len(found := await asyncio.to_thread(self.channels, part)) != count:
                await asyncio.sleep(0.05)
        return found

    async def recorded(self, id: str) -> None:
        """Until half a second of an attempt's conversation is in its file: two lanes, 8 kHz, 16 bit."""
        file = self.folder / f"recordings/attempt-{id}.raw"
        async with asyncio.timeout(5.0):
            while not file.exists() or file.stat().st_size < 16_000:
                await asyncio.sleep(0.05)

    def book(self, name: str) -> list[list[str]]:
        with (self.asterisk.log_dir / name).open(newline="") as lines:
            return list(csv.reader(lines))

    async def attempt(self, id: str) -> Call:
        """A campaign's dial, answered by the customer."""
        variables = (("PBX_ATTEMPT", id), ("PBX_RECORD", "1"))
        target = "PJSIP/09012345678@carrier"
        await self.pair.send(
            Originate(
                AttemptId(id), ChannelId(f"attempt-{id}"), target, ATTEMPT, "s", "0312340001", "Us", 20_000, variables
            )
        )
        call = await self.carrier.rings()
        assert (call.caller, call.called) == ("0312340001", "09012345678")
        return await call.answer()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lab]:
    folder = tmp_path_factory.mktemp("exchange")
    async with AsyncExitStack() as stack:
        asterisk = await stack.enter_async_context(exchange.running(folder))
        address = Address("127.0.0.1", exchange.AMI_PORT)
        pair = LinkPair(
            Link(address, Account("observer", "observer-secret")),
            Link(address, Account("controller", "controller-secret", "off")),
        )
        runner = asyncio.create_task(pair.run(_deaf))
        stack.callback(runner.cancel)
        farm = await stack.enter_async_context(Farm(exchange.PHONES))
        outside = await stack.enter_async_context(Farm(exchange.CARRIER, exchange.PORT))
        lab = Lab(folder, asterisk, pair, farm)
        lab.carrier = await outside.peer("carrier", REGISTRAR)
        lab.desk = await farm.phone("1001", "secret-1001", REGISTRAR)
        lab.other = await farm.phone("1002", "secret-1002", REGISTRAR)
        async with asyncio.timeout(5.0):
            while not pair.is_up:
                await asyncio.sleep(0.02)
        yield lab


async def _deaf(delivery: object) -> None:
    """Nobody listens: the dialplan must do by itself."""


async def test_it_loads_without_a_complaint(lab: Lab) -> None:
    log = (lab.asterisk.log_dir / "messages.log").read_text().splitlines()
    booted = log[: next((n for n, line in enumerate(log) if "res_pjsip_registrar" in line), len(log))]
    assert [line for line in booted if "WARNING" in line or "ERROR" in line] == []
    shown = await asyncio.to_thread(lab.asterisk.console, "dialplan show terminals")
    assert "pbx-codes" in shown
    assert "pbx-outside" in shown


async def test_asterisk_listens_where_it_should_and_nowhere_else(lab: Lab) -> None:
    ports = {exchange.PORT, exchange.AMI_PORT, *range(20000, 20400)}
    rows = await asyncio.to_thread(_sockets, lab.asterisk.pid)
    assert [row for row in rows if int(row[1], 16) in ports and row[0] == "00000000"] == []


async def test_a_wrong_password_is_no_phone(lab: Lab) -> None:
    with pytest.raises(Exception, match=r"401|403"):
        await lab.farm.phone("1003", "wrong", REGISTRAR)


async def test_whoever_only_has_a_trunks_name_is_nobody(lab: Lab) -> None:
    async with Farm(exchange.PHONES) as elsewhere:
        for name in ("carrier", f"outside-{exchange.MOBILE}"):
            stranger = await elsewhere.peer(name, REGISTRAR)
            call = await stranger.dial("0312340001", caller=name)
            await call.ended()
            assert call.code == 401


async def test_phones_call_one_another(lab: Lab) -> None:
    call = await lab.desk.dial("1002")
    ringing = await lab.other.rings()
    assert ringing.caller == "1001"
    await ringing.answer()
    await call.say(AGENT)
    await ringing.say(CUSTOMER)
    await asyncio.gather(call.hears(CUSTOMER), ringing.hears(AGENT))
    await call.hang_up()
    await ringing.ended()


async def test_an_outside_call_shows_the_centers_number_and_is_recorded_from_the_customers_side(lab: Lab) -> None:
    call = await lab.desk.dial("09012345678")
    customer = await lab.carrier.rings()
    assert customer.caller == "0312340001"
    await customer.answer()
    await customer.say(CUSTOMER)
    await call.hears(CUSTOMER)
    await call.hang_up()
    await customer.ended()
    row = await _row(lab, "dst", "09012345678")
    assert row["src"] == "1001"


@pytest.mark.parametrize("number", ["0990123456", "0570123456", "010441234567890", "119", "00441234", "*55"])
async def test_what_is_not_allowed_outside_is_not_dialed(lab: Lab, number: str) -> None:
    call = await lab.desk.dial(number)
    await call.ended()
    assert call.code >= 400


async def test_who_does_not_speak_our_codec_is_refused_at_once(lab: Lab) -> None:
    """Translated, the caller would hear nobody to whom they are handed on, for minutes."""
    async with Farm(exchange.CARRIER, codecs=("PCMA",)) as outside:
        call = await (await outside.peer("carrier", REGISTRAR)).dial("0312340001", "09011112222")
        await call.ended()
        assert call.code == 488
    async with Farm(exchange.CARRIER, codecs=("PCMA", "PCMU")) as outside:
        call = await (await outside.peer("carrier", REGISTRAR)).dial("0312340001", "09011112222")
        await call.answered()
        await call.hang_up()


async def test_an_unknown_number_and_a_stranger_find_nothing(lab: Lab) -> None:
    for called, caller in (("0399999999", "09011112222"), ("0312340008", "09011112222")):
        call = await lab.carrier.dial(called, caller)
        await call.ended()
        assert call.code == 404


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if " " not in shape])
async def test_a_listed_caller_is_let_in_however_the_carrier_writes_the_numbers(lab: Lab, shape: str) -> None:
    """Asterisk follows the rule of `core.numbering` by itself, for who calls and for what was dialed."""
    home = Numbering().home
    called = shape.replace(exchange.MOBILE[1:], exchange.SIGN_IN_NUMBER[1:]).replace("90-1234-0001", "3-1234-0008")
    assert (home(shape), home(called)) == (exchange.MOBILE, exchange.SIGN_IN_NUMBER)
    call = await lab.carrier.dial(called, shape)
    await call.answered()
    (channel,) = await lab.until_channels("carrier", 1)
    said = await asyncio.to_thread(lab.asterisk.console, f"core show channel {channel}")
    assert f"Caller ID: {exchange.MOBILE}\n" in said
    await call.hang_up()
    await lab.until_channels("carrier", 0)


async def test_a_center_answers_and_queues_with_no_bridge(lab: Lab) -> None:
    call = await lab.carrier.dial("0312340001", "09011112222")
    await call.answered()
    await call.hears_something()
    shown = await asyncio.to_thread(lab.asterisk.console, "queue show center-7000")
    async with asyncio.timeout(20.0):
        while "1. PJSIP/carrier" not in shown:
            await asyncio.sleep(0.2)
            shown = await asyncio.to_thread(lab.asterisk.console, "queue show center-7000")
    await call.hang_up()


async def test_a_dial_code_with_the_bridge_away_speaks_and_ends(lab: Lab) -> None:
    call = await (await lab.desk.dial("0010")).answered()
    await call.hears_something(within=3.0)
    await call.ended(within=15.0)
    await lab.until_channels("1001", 0)


async def test_customer_and_open_line_are_joined_again_and_again(lab: Lab) -> None:
    """The line is begun by hand here; the dialogue that begins it is tested with the dialogues."""
    line = await lab.other.dial("1001")
    ringing = await lab.desk.rings()
    await ringing.answer()
    (far,) = [name for name in await lab.until_channels("1001", 2) if "1001-" in name]
    await lab.pair.send(Redirect(far, "pbx-line", "s"))
    await line.ended()
    await ringing.say(AGENT)
    for round in ("c1", "c2", "c3"):
        customer = await lab.attempt(round)
        (waiting,) = await lab.until_channels("carrier", 1)
        await lab.pair.send(Join(far, waiting, AttemptId(round)))
        await customer.say(CUSTOMER)
        await asyncio.gather(customer.hears(AGENT), ringing.hears(CUSTOMER))
        await lab.recorded(round)
        await customer.hang_up()
        await lab.until_channels("carrier", 0)
        assert len(await lab.until_channels("BridgeWait", 1)) == 1
    customer = await lab.attempt("c4")
    (waiting,) = await lab.until_channels("carrier", 1)
    await lab.pair.send(Join(far, waiting, AttemptId("c4")))
    await customer.hears(AGENT)
    await ringing.hang_up()
    await customer.ended(within=2.0)  # and does not hear that nobody was free


async def test_a_customer_nobody_comes_for_hears_who_called(lab: Lab) -> None:
    customer = await lab.attempt("d1")
    await customer.hears_something(within=5.0)
    await customer.ended(within=30.0)
    assert customer.talked > 4.0  # the wait, three sentences and ten digits


async def test_the_switchboard_may_send_a_customer_to_the_message_earlier(lab: Lab) -> None:
    customer = await lab.attempt("d2")
    (waiting,) = await lab.until_channels("carrier", 1)
    await lab.pair.send(Redirect(waiting, ABANDON, "s"))
    await customer.hears_something(within=1.5)
    await lab.pair.send(HangUp(waiting))
    await customer.ended()


async def test_lamps_light_with_the_status(lab: Lab) -> None:
    hint = "core show hint 0023"
    assert "Idle" in await asyncio.to_thread(lab.asterisk.console, hint)
    await lab.pair.send(SetDeviceState("Custom:status-1001-3", "INUSE"))
    lit = await asyncio.to_thread(lab.asterisk.console, hint)
    assert [line for line in lit.splitlines() if "lamps-1001" in line and "InUse" in line] != []
    assert [line for line in lit.splitlines() if "lamps-1002" in line and "Idle" in line] != []


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])
async def test_asterisk_and_we_read_the_same_clock_in_every_zone(lab: Lab, zone: str) -> None:
    """By rule: this Asterisk's machine knows no zone by name. Both edges of summer time are in the sample."""
    edges = [1774746000, 1772953200, 1793494800, 1792976400]
    instants = [*range(1767225600, 1798761600, 2_592_000), *(edge + step for edge in edges for step in (-60, 0, 60))]
    rule = f'"{posix(zone)}"' if "," in posix(zone) else posix(zone)
    for instant in instants:
        answer = await lab.pair.read(Query("Getvar", (("Variable", f"STRFTIME({instant},{rule},%Y%m%d %H%M %u)"),)))
        local = datetime.fromtimestamp(instant, ZoneInfo(zone))
        assert answer.response["Value"] == f"{local:%Y%m%d %H%M} {local.isoweekday()}"


async def test_the_books_have_the_columns_we_say(lab: Lab) -> None:
    cdr, cel = lab.book(CDR_FILE), lab.book(CEL_FILE)
    assert {len(row) for row in cdr} == {len(CDR_COLUMNS)}
    assert {len(row) for row in cel} == {len(CEL_COLUMNS)}
    times = [column for column, _ in CDR_COLUMNS].index("started_at")
    assert all(float(row[times]) > 1.7e9 for row in cdr)
    unanswered = [row for row in cdr if dict(zip((c for c, _ in CDR_COLUMNS), row, strict=True))["dst"] == "0399999999"]
    assert unanswered != []


def _sockets(pid: int) -> list[list[str]]:
    """(address, port), hexadecimal, of every socket of the machine that the process sees."""
    tables = [Path(f"/proc/{pid}/net/{protocol}").read_text() for protocol in ("tcp", "udp")]
    return [line.split()[1].split(":") for table in tables for line in table.splitlines()[1:]]


async def _row(lab: Lab, column: str, wanted: str) -> dict[str, str]:
    names = [name for name, _ in CDR_COLUMNS]
    async with asyncio.timeout(5.0):
        while True:
            rows = [dict(zip(names, row, strict=True)) for row in lab.book(CDR_FILE)]
            found = [row for row in rows if row[column] == wanted]
            if found:
                return found[0]
            await asyncio.sleep(0.05)
