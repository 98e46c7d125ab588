"""From raw to FLAC: the right way round, lossless, and whole or not there at whatever point the process dies."""

import hashlib
import os
import random
import resource
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from recordings import Unreadable
from recordings.dat import header_of, read_header, write_dat
from recordings.encoding import Int16
from recordings.finish import FINEST, Finished, finish
from recordings.peaks import peaks
from recordings.probe import Flag
from recordings.sound import open_sound
from tests.recordings.sounds import noise, strength, tone, wav

CUSTOMER, AGENT = 440.0, 1000.0


def _call(seconds: float = 3.0) -> Int16:
    """As MixMonitor writes it on the customer's channel."""
    return np.stack((tone(CUSTOMER, seconds), tone(AGENT, seconds)), axis=1)


def _raw(folder: Path, block: Int16) -> Path:
    path = folder / "spool" / "call.raw"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(block.tobytes())
    return path


def _sound(path: Path) -> Int16:
    block: Int16 = soundfile.read(path, dtype="int16", always_2d=True)[0]
    return block


def test_agent_left_other_party_right(tmp_path: Path) -> None:
    done = finish(_raw(tmp_path, _call()), tmp_path / "call.flac", talked_seconds=3.4)
    left, right = _sound(done.path).T
    assert strength(left, AGENT) > 0.45
    assert strength(right, CUSTOMER) > 0.45
    assert strength(left, CUSTOMER) < 0.01
    assert strength(right, AGENT) < 0.01
    assert (done.seconds, done.rate, done.channels, done.flags) == (3.0, 8000, 2, frozenset())
    assert done.bytes == done.path.stat().st_size
    assert done.sha256 == hashlib.sha256(done.path.read_bytes()).hexdigest()


def test_lossless_over_many_blocks_with_its_peaks(tmp_path: Path) -> None:
    block = noise(300_001, 2)
    done = finish(_raw(tmp_path, block), tmp_path / "call.flac", 16000)
    assert np.array_equal(_sound(done.path), block[:, ::-1])
    with done.peaks_path.open("rb") as dat:
        header = read_header(dat)
    assert (header.rate, header.samples_per_pixel, header.bits, header.channels) == (16000, FINEST, 8, 2)
    with open_sound(done.path) as sound, (tmp_path / "again.dat").open("w+b") as again:
        write_dat(
            again,
            header_of(sound, FINEST, 8, split_channels=True),
            peaks(sound, FINEST, split_channels=True),
        )
    assert done.peaks_path.read_bytes() == (tmp_path / "again.dat").read_bytes()


def test_a_crashed_or_mono_wav_too(tmp_path: Path) -> None:
    source = tmp_path / "call.wav"
    block = noise(5000)
    source.write_bytes(wav(block.tobytes(), claimed=0, riff=0))
    done = finish(source, tmp_path / "call.flac")
    assert done.flags == {Flag.REPAIRED}
    assert np.array_equal(_sound(done.path), block)


def test_flags(tmp_path: Path) -> None:
    torn = _raw(tmp_path, _call())
    torn.write_bytes(torn.read_bytes()[:-1])
    assert finish(torn, tmp_path / "a.flac", talked_seconds=60).flags == {Flag.REPAIRED, Flag.SHORT}
    empty = finish(_raw(tmp_path, noise(0, 2)), tmp_path / "b.flac", talked_seconds=4)
    assert (empty.flags, empty.seconds) == (frozenset({Flag.EMPTY, Flag.SHORT}), 1 / 8000)


def test_again_gives_the_same_and_without_the_raw_file_too(tmp_path: Path) -> None:
    source, target = _raw(tmp_path, _call()), tmp_path / "call.flac"
    first = finish(source, target)
    before = target.read_bytes(), first.peaks_path.read_bytes()
    assert finish(source, target) == first
    source.unlink()
    assert finish(source, target) == first
    assert (target.read_bytes(), first.peaks_path.read_bytes()) == before
    target.unlink()
    with pytest.raises(Unreadable, match="neither"):
        finish(source, target)


def _die_at(step: int, source: Path, target: Path, folder: Path) -> bool:
    """Finish in a child that is killed at its `step`-th act on the folder's files; whether it lived to the end."""
    child = os.fork()
    if child == 0:
        left = step

        def count(event: str, args: tuple[object, ...]) -> None:
            nonlocal left
            if event in {"open", "os.rename", "os.remove"} and str(folder) in str(args):
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        try:
            finish(source, target)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_killed_at_every_step(tmp_path: Path) -> None:
    expected: Finished | None = None
    for step in range(100):
        folder = tmp_path / str(step)
        folder.mkdir()
        source, target = _raw(folder, _call(1.0)), folder / "call.flac"
        raw = source.read_bytes()
        lived = _die_at(step, source, target, folder)
        assert source.read_bytes() == raw
        if target.exists():
            assert np.array_equal(_sound(target), _call(1.0)[:, ::-1])
            assert target.with_suffix(".dat").exists()
        done = finish(source, target)
        assert expected is None or done.sha256 == expected.sha256
        expected = done
        assert {path.name for path in folder.iterdir()} == {"spool", "call.flac", "call.dat"}
        if lived:
            assert step > 8
            return
    pytest.fail("the child never lived to the end")


def test_a_recorder_killed_at_a_hundred_instants(tmp_path: Path) -> None:
    """Wherever the raw file ends, all whole frames of it become a FLAC that plays."""
    block = _call(3.0)
    whole = block.tobytes()
    instants = random.Random(10).sample(range(len(whole)), 100)
    for instant in instants:
        source = _raw(tmp_path, block)
        os.truncate(source, instant)
        done = finish(source, tmp_path / "call.flac", talked_seconds=3.0)
        assert np.array_equal(_sound(done.path), block[: instant // 4, ::-1]), f"cut at byte {instant}"
        assert (Flag.SHORT in done.flags) == (instant // 4 < 2.0 * 8000)
        assert (Flag.REPAIRED in done.flags) == (instant % 4 > 0)


def test_a_full_disk_costs_nothing_but_the_try(tmp_path: Path) -> None:
    """A limit on the size of files refuses writes in the middle of the FLAC, as a full disk does."""
    source, target = _raw(tmp_path, noise(200_000, 2)), tmp_path / "call.flac"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    try:
        with pytest.raises(OSError, match="could not be written"):
            finish(source, target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert {path.name for path in tmp_path.iterdir()} == {"spool"}
    assert finish(source, target).seconds == 25.0
