"""What the link promises, against a scripted far end (tests/lab has the real one)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import panoramisk
import pytest

from pbx_bridge.ami.inbox import Batch, Delivery, Down, Inbox, Up
from pbx_bridge.ami.link import Address, Link
from pbx_bridge.ami.login import Account
from pbx_bridge.ami.message import Message
from pbx_bridge.ami.queries import CHANNELS
from pbx_bridge.core.actions import Originate, QueueAdd, QueuePause
from pbx_bridge.core.errors import Garbled, Rejected, Unreachable
from pbx_bridge.core.ids import AttemptId, ChannelId

from .peer import Peer, accept, ignore, peer

CALL = Originate(
    AttemptId("a1"), ChannelId("attempt-a1"), "PJSIP/+81501@trunk", "campaign", "s", "+8150", "Taro", 30000, ()
)


def pause(reason: str) -> QueuePause:
    return QueuePause("PJSIP/1001", paused=True, reason=reason)


class Heard:
    """A consumer that keeps what it got and can be made to stall."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self._changed = asyncio.Event()

    async def consume(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)
        self._changed.set()
        await self.gate.wait()

    def of(self, kind: type[Delivery]) -> list[Delivery]:
        return [each for each in self.deliveries if isinstance(each, kind)]

    async def until(self, kind: type[Delivery], times: int = 1) -> None:
        async with asyncio.timeout(10):
            while len(self.of(kind)) < times:
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def running(link: Link, *, up: bool = True) -> AsyncIterator[Heard]:
    heard = Heard()
    task = asyncio.create_task(link.run(heard.consume))
    try:
        if up:
            await heard.until(Up)
        yield heard
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Rejected):
            await task


def link_to(port: int, *, secret: str = "eyes", inbox: Inbox | None = None, silence_s: float = 9.0) -> Link:
    return Link(Address(port=port), Account("observer", secret), inbox=inbox, silence_s=silence_s)


async def test_events_go_to_the_consumer_and_replies_to_whoever_asked() -> None:
    async with peer() as (asterisk, port):
        link = link_to(port)
        async with running(link) as heard:
            reply = await link.send(pause("break"))
            assert reply.response["Message"] == "done"
            asterisk.say("Event: Hangup\r\nUniqueid: 1.1\r\nActionID: somebody-elses")
            await heard.until(Batch)
            batch = heard.of(Batch)[0]
            assert isinstance(batch, Batch)
            assert batch.packets == [b"Event: Hangup\r\nUniqueid: 1.1\r\nActionID: somebody-elses"]


async def test_an_unanswered_originate_is_never_sent_again() -> None:
    async with peer(ignore) as (asterisk, port):
        link = link_to(port)
        async with running(link) as heard:
            sending = asyncio.create_task(link.send(CALL, within_s=30))
            await asterisk.until(lambda: len(asterisk.actions) == 1)
            for generation in (2, 3):
                asterisk.cut()
                await heard.until(Up, generation)
            with pytest.raises(Unreachable) as lost:
                await sending
            assert lost.value.unknown
            assert [each["Action"] for each in asterisk.actions] == ["Originate"]


async def test_panoramisk_itself_sends_it_again() -> None:
    """Fact F1, so that we notice the day it is mended."""
    async with peer(ignore) as (asterisk, port):
        theirs = panoramisk.Manager(host="127.0.0.1", port=port, ssl=False, ping_delay=10, ping_interval=10)
        theirs.reconnect_timeout = 0
        await theirs.connect()
        theirs.send_action({"Action": "Originate", "Channel": "PJSIP/1"})
        await asterisk.until(lambda: len(asterisk.actions) == 1)
        asterisk.cut()
        async with asyncio.timeout(5):
            while theirs.awaiting_actions or len(asterisk.actions) < 2:
                asterisk.say("Event: FullyBooted\r\nStatus: x") if theirs.awaiting_actions else None
                await asyncio.sleep(0.02)
        assert [each["Action"] for each in asterisk.actions] == ["Originate", "Originate"]
        theirs.connection_lost = lambda exc: None  # type: ignore[method-assign]  # or it dials again
        theirs.close()


async def test_not_connected_means_not_sent() -> None:
    link = link_to(1)
    with pytest.raises(Unreachable) as refused:
        await link.send(CALL)
    assert not refused.value.unknown


async def test_of_two_settings_of_one_thing_only_the_newer_is_repeated() -> None:
    async with peer(ignore) as (asterisk, port):
        link = link_to(port)
        async with running(link) as heard:
            older = asyncio.create_task(link.send(pause("break")))
            newer = asyncio.create_task(link.send(pause("away")))
            other = asyncio.create_task(link.send(QueueAdd("7001", "PJSIP/1002", "Jiro", 0, False, "")))
            await asterisk.until(lambda: len(asterisk.actions) == 3)
            asterisk._answer = accept
            asterisk.cut()
            await heard.until(Up, 2)
            assert (await older).superseded
            assert (await newer).response["Response"] == "Success"
            assert (await other).response["Response"] == "Success"
            again = [each.get("Reason") or each.get("Queue") for each in asterisk.actions[3:]]
            assert sorted(again) == ["7001", "away"]


async def test_queue_add_gets_its_answer() -> None:
    """panoramisk takes «Added interface to queue» for the start of a list and waits for ever."""

    def added(asterisk: Peer, message: Message) -> None:
        asterisk.reply(message, "Success", "Message: Added interface to queue")

    async with peer(added) as (_, port):
        link = link_to(port)
        async with running(link):
            await link.send(QueueAdd("7001", "PJSIP/1001", "Taro", 0, False, ""), within_s=2)


async def test_a_list_is_collected_until_its_end_and_news_in_between_passes() -> None:
    def channels(asterisk: Peer, message: Message) -> None:
        own = f"ActionID: {message['ActionID']}"
        asterisk.reply(message, "Success", "EventList: start", "Message: Channels will follow")
        asterisk.say(f"Event: CoreShowChannel\r\n{own}\r\nUniqueid: 1.1")
        asterisk.say("Event: Hangup\r\nUniqueid: 9.9")
        asterisk.say(f"Event: CoreShowChannel\r\n{own}\r\nUniqueid: 1.2")
        asterisk.say(f"Event: CoreShowChannelsComplete\r\n{own}\r\nEventList: Complete")

    async with peer(channels) as (_, port):
        link = link_to(port)
        async with running(link) as heard:
            reply = await link.read(CHANNELS)
            assert [each["Uniqueid"] for each in reply.events] == ["1.1", "1.2"]
            await heard.until(Batch)


async def test_a_read_survives_a_reconnect() -> None:
    async with peer(ignore) as (asterisk, port):
        link = link_to(port)
        async with running(link):
            reading = asyncio.create_task(link.read(CHANNELS))
            await asterisk.until(lambda: len(asterisk.actions) == 1)
            asterisk._answer = lambda far, message: far.say(
                f"Response: Error\r\nActionID: {message['ActionID']}\r\nMessage: No such thing"
            )
            asterisk.cut()
            with pytest.raises(Rejected, match="No such thing"):
                await reading


async def test_a_wrong_password_is_one_clear_error() -> None:
    async with peer() as (_, port):
        with pytest.raises(Rejected, match="AMI login of observer: Authentication failed"):
            await asyncio.wait_for(link_to(port, secret="wrong").run(Heard().consume), 5)


async def test_nobody_there_is_said_once_and_tried_again() -> None:
    async with peer() as (_, port):
        pass  # the port is free again
    link = link_to(port)
    async with running(link, up=False) as heard:
        await heard.until(Down)
        await asyncio.sleep(0.5)
        assert len(heard.deliveries) == 1


async def test_silence_is_noticed() -> None:
    async with peer() as (asterisk, port):
        link = link_to(port, silence_s=0.5)
        async with running(link) as heard:
            asterisk.silent = True
            await heard.until(Down)
            down = heard.of(Down)[0]
            assert isinstance(down, Down)
            assert "silent" in down.reason


async def test_reading_goes_on_while_the_consumer_stalls_until_the_bound_then_starts_afresh() -> None:
    async with peer() as (asterisk, port):
        link = link_to(port, inbox=Inbox(most_packets=100))
        async with running(link) as heard:
            heard.gate.clear()
            asterisk.say("Event: Hangup\r\nUniqueid: 0.0")
            await heard.until(Batch)
            for number in range(90):
                asterisk.say(f"Event: Hangup\r\nUniqueid: 1.{number}")
            await link.send(pause("the socket is read although nobody consumes"))
            assert link.waiting_packets == 90
            for number in range(200):
                asterisk.say(f"Event: Hangup\r\nUniqueid: 2.{number}")
            async with asyncio.timeout(5):
                while link.is_up:
                    await asyncio.sleep(0.01)
            assert link.waiting_packets == 0
            heard.gate.set()
            await heard.until(Up, 2)
            assert [type(each) for each in heard.deliveries if not isinstance(each, Batch)] == [Up, Down, Up]


async def test_what_cannot_be_written_leaves_the_link_up() -> None:
    async with peer() as (asterisk, port):
        link = link_to(port)
        async with running(link):
            with pytest.raises(Garbled):
                await link.send(pause("a\r\n\r\nAction: Originate"))
            await link.send(pause("fine"))
            assert len(asterisk.actions) == 1


async def test_split_utf8_arrives_whole() -> None:
    async with peer() as (asterisk, port):
        link = link_to(port)
        async with running(link) as heard:
            raw = "Event: UserEvent\r\nName: 佐藤\r\n\r\n".encode()
            assert asterisk._writer is not None
            for byte in raw:
                asterisk._writer.write(bytes([byte]))
                await asyncio.sleep(0.002)
            await heard.until(Batch)
            batch = heard.of(Batch)[0]
            assert isinstance(batch, Batch)
            assert Message(batch.packets[0])["Name"] == "佐藤"


async def test_half_a_megabyte_without_an_end_is_not_ami() -> None:
    async with peer() as (asterisk, port):
        link = link_to(port)
        async with running(link) as heard:
            assert asterisk._writer is not None
            asterisk._writer.write(b"x" * 600_000)
            await heard.until(Down)
            down = heard.of(Down)[0]
            assert isinstance(down, Down)
            assert "not AMI" in down.reason
