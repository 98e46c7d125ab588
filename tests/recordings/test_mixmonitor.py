"""What README.md says of Asterisk's recorder, on a real one: lanes, alignment, mute, and kill -9 while it records.

Two calls on one Asterisk. One is recorded as the product does it, its agent echoing the customer's noise, so that the
lanes must be equal but for a delay; the other into a WAV, for the header that a killed Asterisk leaves behind (F9).
"""

import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import soundfile

from pbx_bridge.parts import asterisk
from pbx_bridge.ports.recordings import SHORT_SECONDS
from recordings.encoding import Int16
from recordings.finish import finish
from recordings.probe import Flag, probe, repair
from recordings.sound import Raw, open_sound
from tests.recordings.sounds import all_samples, noise, strength

MODULES = (
    "res_timing_timerfd res_clioriginate pbx_config app_dial app_echo app_playback app_playtones app_chanspy "
    "app_mixmonitor func_periodic_hook func_cut func_groupcount func_uri func_strings func_logic bridge_simple "
    "bridge_softmix bridge_builtin_features format_sln format_wav codec_ulaw"
)
DIALPLAN = """
[lab]
exten = noise,1,Answer()
 same = n,Playback({folder}/noise)
exten = echo,1,Answer()
 same = n,Echo()
exten = tone,1,Answer()
 same = n,Playtones(1000)
 same = n,Wait(60)
exten = product,1,Answer()
 same = n,MixMonitor({folder}/call.raw,bD)
 same = n,Dial(Local/echo@lab/n)
exten = _9X,1,Answer()
 same = n,MixMonitor({folder}/${{EXTEN}}.raw,bD)
 same = n,Dial(Local/echo@lab/n)
exten = mixed,1,Answer()
 same = n,MixMonitor({folder}/call.wav,b)
 same = n,Dial(Local/tone@lab/n)
"""
SECOND = 8000 * 2 * 2  # bytes of the raw file
ECHO_FRAMES = 8000 // 10


class Recorded(NamedTuple):
    """The files after the kill, and how long the recorder of the first two ran at least and at most, in seconds.

    `many`: recorders that were killed at other moments of their writing, with the seconds each ran.
    """

    raw: Path
    wav: Path
    least: float
    most: float
    many: dict[Path, float]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    folder = tmp_path_factory.mktemp("mm")
    (folder / "conf").mkdir()
    port = _free_port()
    loads = "".join(f"load = {name}.so\n" for name in MODULES.split())
    for name, text in {
        "modules.conf": f"[modules]\nautoload = no\n{loads}",
        "indications.conf": "[general]\ncountry = us\n[us]\ndescription = us\nringcadence = 2000,4000\ndial = 440\n",
        "extensions.conf": DIALPLAN.format(folder=folder),
        "manager.conf": f"[general]\nenabled = yes\nbindaddr = 127.0.0.1\nport = {port}\n"
        "[lab]\nsecret = lab\nwrite = all\n",
    }.items():
        (folder / "conf" / name).write_text(text)
    (noise(60 * 8000) // 4).tofile(folder / "noise.sln")
    server = asterisk.start(asterisk.find_or_fetch(print), folder / "conf", folder / "run")
    raw, wav = folder / "call.raw", folder / "call.wav"
    try:
        server.console("channel originate Local/noise@lab/n extension product@lab")
        server.console("channel originate Local/noise@lab/n extension mixed@lab")
        began = time.monotonic()
        _until(lambda: _size(raw) > 2 * SECOND)
        appeared = time.monotonic()
        listed = [line.split("!") for line in server.console("core show channels concise").splitlines()]
        channel = next(fields[0] for fields in listed if fields[2] == "product")
        _mute(port, channel, 1)
        _until(lambda: _size(raw) > 4 * SECOND)
        _mute(port, channel, 0)
        appeared_of: dict[Path, float] = {}
        for number in range(9):
            path = folder / f"9{number}.raw"
            server.console(f"channel originate Local/noise@lab/n extension {path.stem}@lab")
            _until(path.exists)
            appeared_of[path] = time.monotonic()
        _until(lambda: _size(raw) > 6 * SECOND)
        os.kill(server.pid, signal.SIGKILL)
        killed = time.monotonic()
        _until(lambda: not server.running)
    finally:
        server.stop()
    many = {path: killed - at for path, at in appeared_of.items()}
    return Recorded(raw, wav, killed - appeared, killed - began, many)


def _free_port() -> int:
    with socket.socket() as probed:
        probed.bind(("127.0.0.1", 0))
        port: int = probed.getsockname()[1]
        return port


def _until(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "the recorder did not write"
        time.sleep(0.02)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _mute(port: int, channel: str, state: int) -> None:
    """AMI's MixMonitorMute, both directions."""
    with socket.create_connection(("127.0.0.1", port), 5) as ami, ami.makefile("rw", newline="") as lines:
        mute = f"MixMonitorMute\r\nChannel: {channel}\r\nDirection: both\r\nState: {state}"
        for action in ("Login\r\nUsername: lab\r\nSecret: lab\r\nEvents: off", mute):
            lines.write(f"Action: {action}\r\n\r\n")
            lines.flush()
            while not (answer := lines.readline()).startswith("Response:"):
                assert answer
            assert "Success" in answer


def _lanes(path: Path) -> Int16:
    with open_sound(path, Raw() if path.suffix == ".raw" else None) as sound:
        return all_samples(sound).T


def _delay(customer: Int16, agent: Int16) -> int:
    """Frames by which the agent's lane is behind the customer's in a second of echo."""
    products = [float(np.dot(customer[:6000].astype(float), agent[late : late + 6000])) for late in range(ECHO_FRAMES)]
    return int(np.argmax(products))


def test_at_most_a_buffer_is_lost(recorded: Recorded) -> None:
    """Asterisk flushes every 32 KiB: 1.02 s."""
    seconds = probe(recorded.raw, Raw()).seconds
    assert recorded.least - 1.2 < seconds <= recorded.most


def test_whenever_it_is_killed_all_can_be_played_and_what_is_short_says_so(recorded: Recorded, tmp_path: Path) -> None:
    for source, talked in recorded.many.items():
        done = finish(source, tmp_path / "call.flac", talked_seconds=talked)
        assert soundfile.info(done.path).frames == max(1, round(done.seconds * 8000))
        assert talked - done.seconds < 5
        if talked - done.seconds > SHORT_SECONDS:
            assert Flag.SHORT in done.flags
        done.path.unlink()


def test_left_is_the_channel_and_both_lanes_keep_time(recorded: Recorded) -> None:
    customer, agent = _lanes(recorded.raw)
    said = (noise(60 * 8000) // 4)[:, 0]
    heard = np.flatnonzero(customer)[0] + 100  # the speaker may begin a moment after the recorder, or before it
    first = np.flatnonzero((said[:-1] == customer[heard]) & (said[1:] == customer[heard + 1]))[0] - heard
    assert np.array_equal(customer[heard:8000], said[first + heard : first + 8000])
    early, late = slice(4000, 12_000), slice(len(customer) - 8000, None)
    delay = _delay(customer[early], agent[early])
    assert 0 < delay < ECHO_FRAMES - 1
    assert _delay(customer[late], agent[late]) == delay


def test_mute_is_silence_that_takes_its_time(recorded: Recorded) -> None:
    for lane in _lanes(recorded.raw):
        sounding = np.flatnonzero(lane)
        gap = np.diff(sounding).max() / 8000
        assert 1.0 < gap < 3.5


def test_the_killed_call_finishes(recorded: Recorded, tmp_path: Path) -> None:
    done = finish(recorded.raw, tmp_path / "call.flac")
    agent, other = soundfile.read(done.path, dtype="int16")[0].T
    customer, echo = _lanes(recorded.raw)
    assert np.array_equal(other, customer)
    assert np.array_equal(agent, echo)


def test_the_header_a_killed_recorder_leaves(recorded: Recorded) -> None:
    assert soundfile.info(recorded.wav).frames == 0
    assert probe(recorded.wav).flags == {Flag.REPAIRED}
    assert repair(recorded.wav)
    block, _ = soundfile.read(recorded.wav, dtype="int16")
    assert len(block) / 8000 > recorded.least - 2.5
    assert strength(block[-8000:], 1000) > 0.1
