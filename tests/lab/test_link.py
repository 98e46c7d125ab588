"""The link against a real Asterisk."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from pbx_bridge.ami.decode import Decoder
from pbx_bridge.ami.queries import CHANNELS, variable
from pbx_bridge.ami.recording import events as replayed
from pbx_bridge.ami.recording import packets
from pbx_bridge.core import events
from pbx_bridge.core.actions import HangUp, QueueAdd, SetDeviceState
from pbx_bridge.core.errors import Rejected

from .observer import Observer, observing, originate
from .plain import running


async def test_actions_lists_events_and_what_is_written_arrives_as_written(tmp_path: Path) -> None:
    tricky = 'x,y"z\\w (1, [2, 日本'
    async with running(tmp_path) as (plain, _), observing(plain) as seen:
        await seen.pair.send(QueueAdd("7001", "Local/wait@plain", 'Jo "x", 佐藤', 2, True, "break, long"))
        with pytest.raises(Rejected, match="Already there"):
            await seen.pair.send(QueueAdd("7001", "Local/wait@plain", "Jo", 2, True, ""))
        await seen.pair.send(SetDeviceState("Custom:lamp-1", "INUSE"))
        await seen.pair.send(originate("a1", LEAD=tricky, SECOND="2"))
        await seen.until(lambda: any(isinstance(each, events.OriginateResponse) for each in seen.events))
        seed = await seen.pair.seed()
        (member,) = seed.members
        assert (member.member_name, member.paused_reason) == ('Jo "x", 佐藤', "break, long")
        assert {party.uniqueid for party in seed.channels} == {"attempt-a1", "attempt-a1;2"}
        assert seed.channels[0].caller_name == 'Ta"ro, \\ 太郎'
        channel = next(party.channel for party in seed.channels if party.uniqueid == "attempt-a1")
        assert (await seen.pair.read(variable(channel, "LEAD"))).response["Value"] == tricky
        await seen.pair.send(HangUp(channel))
        await seen.until(lambda: sum(isinstance(each, events.Hangup) for each in seen.events) == 2)
        assert not seen.decoder.unknown
        assert not seen.decoder.garbled, seen.decoder.last_fault


async def test_a_recording_tells_the_same_story_without_names_or_numbers(tmp_path: Path) -> None:
    async with running(tmp_path) as (plain, _), observing(plain) as seen:
        await seen.pair.send(originate("a1", LEAD="+815098765432", TRUNK_PASSWORD="hunter2"))
        await seen.until(lambda: any(isinstance(each, events.OriginateResponse) for each in seen.events))
        await seen.pair.send(HangUp("Local/wait@plain-00000000;1"))
        await seen.until(lambda: sum(isinstance(each, events.Hangup) for each in seen.events) == 2)
    for secret in ("815012345678", "815098765432", "太郎", "hunter2"):
        assert secret.encode() not in seen.recording
    again = [event for _, event in replayed(packets(seen.recording), Decoder())]
    assert [type(each) for each in again] == [type(each) for each in seen.events]


async def test_cut_in_mid_call_then_read_again(tmp_path: Path) -> None:
    async with running(tmp_path) as (plain, _), observing(plain) as seen:
        await seen.pair.send(originate("a1"))
        await seen.until(lambda: any(isinstance(each, events.OriginateResponse) for each in seen.events))
        for times in range(1, 6):
            connection = seen.link._connection
            assert connection is not None
            connection.cut("cut by the test")
            await seen.until(lambda times=times: seen.ups == times + 1, 5)  # type: ignore[misc]  # a default binds the loop's value
            seed = await seen.pair.seed()
            assert {party.uniqueid for party in seed.channels} == {"attempt-a1", "attempt-a1;2"}
        assert seen.downs == ["cut by the test"] * 5


async def test_a_reader_that_stops_for_two_seconds_loses_nothing(tmp_path: Path) -> None:
    """Fact F6: with writetimeout = 5000 Asterisk waits for a stalled client."""
    async with running(tmp_path) as (plain, _), observing(plain) as seen:
        connection = seen.link._connection
        assert connection is not None
        assert connection._transport is not None
        connection._transport.pause_reading()
        await seen.pair.send(originate("a1", exten="many"))
        await asyncio.sleep(2)
        connection._transport.resume_reading()
        await seen.until(lambda: "last" in seen.user_events())
        assert seen.user_events() == [*map(str, range(1, 3001)), "last"]
        assert not seen.downs


async def test_a_killed_asterisk_comes_back_empty(tmp_path: Path) -> None:
    async with running(tmp_path) as (plain, asterisk_), observing(plain) as seen:
        await seen.pair.send(originate("a1"))
        first = (await seen.pair.seed()).boot
        os.kill(asterisk_.pid, signal.SIGKILL)
        await seen.until(lambda: bool(seen.downs), 5)
        asterisk_.stop()
        second = await plain.start()
        try:
            await seen.until(lambda: seen.pair.is_up, 15)
            seed = await seen.pair.seed()
            assert seed.channels == ()
            assert seed.boot != first
        finally:
            await asyncio.to_thread(second.stop)


async def test_a_frozen_asterisk_is_noticed_within_ten_seconds(tmp_path: Path) -> None:
    async with running(tmp_path) as (plain, asterisk_), observing(plain) as seen:
        os.kill(asterisk_.pid, signal.SIGSTOP)
        try:
            await seen.until(lambda: bool(seen.downs), 11)
        finally:
            os.kill(asterisk_.pid, signal.SIGCONT)
        assert "silent" in seen.downs[0]
        await seen.until(lambda: seen.pair.is_up, 20)
        assert (await seen.pair.read(CHANNELS)).events == ()


async def test_a_wrong_password_is_one_clear_error(tmp_path: Path) -> None:
    async with running(tmp_path) as (plain, _):
        with pytest.raises(Rejected, match="Asterisk refused the AMI login of observer: Authentication failed"):
            await asyncio.wait_for(plain.observer("wrong").run(Observer(plain).consume), 5)
