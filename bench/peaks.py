"""Peaks of an hour of sound: CPU and memory beside ffmpeg's decode of the same file and numpy on the whole file.

Each measurement is a process of its own (`python -m bench.peaks NAME FILE` is the child), so that memory is seen too.

audiowaveform is in no registry. Its CPU was once measured as 0.7 (mono) and 0.6 (stereo) of ffmpeg's decode, but what
ffmpeg costs depends on its version: on one machine 5.1 takes 120 ms for the mono file, 9.0 with its threads 530 ms.
The measured share fits the threaded ones only (7 and later), so only beside those is there a bar on CPU.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np

from bench.rounds import Row, row
from pbx_bridge.parts.tools import Program, find_program
from recordings.cut import wav_header
from recordings.dat import Header, write_dat
from recordings.encoding import MULAW
from recordings.peaks import peaks
from recordings.sound import open_sound

_ROUNDS: Final = 5
_HOUR: Final = 3600 * 8000
_ZOOM: Final = 256
_THREADED: Final = 7
# name: (WAV format tag, bytes a sample, channels, audiowaveform's share of ffmpeg's CPU, our bar as its divisor)
_CASES: Final = {
    "mono": (1, 2, 1, 0.7, 8.0),
    "stereo": (1, 2, 2, 0.6, 2.5),
    "µ-law": (7, 1, 1, 0.7, 4.0),
}
Measured = Mapping[str, float]


def run() -> list[Row]:
    ffmpeg = find_program(["ffmpeg"], "ffmpeg", "usr/bin/ffmpeg", "-version", lambda line: print(line, file=sys.stderr))
    said = subprocess.check_output([str(ffmpeg.path), "-version"], env=ffmpeg.environment(), text=True)
    version = re.search(r"version \D*(\d+)[.\d]*", said)
    threaded = version is not None and int(version[1]) >= _THREADED
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, (tag, width, channels, share, divisor) in _CASES.items():
            path = Path(folder) / f"{name}.wav"
            _write_noise(path, tag, width, channels)
            rows += _case(name, path, ffmpeg, divisor / share if threaded else None)
            path.unlink()
        return [*rows, _long(Path(folder) / "long.wav")]


def _case(name: str, path: Path, ffmpeg: Program, bar: float | None) -> list[Row]:
    ours, whole, decode, read = [], [], [], []
    for _ in range(_ROUNDS):
        ours.append(_child("ours", path))
        decode.append(_cpu([str(ffmpeg.path), "-v", "error", "-i", str(path), "-f", "null", "-"], ffmpeg))
        whole.append(_child("whole", path))
        read.append(_cpu(["cat", str(path)], None))
    cpu, naive = (median(child["cpu_ms"] for child in children) for children in (ours, whole))
    return [
        row("peaks", f"1 h {name}: ffmpeg's decode", median(decode), "ms CPU"),
        row("peaks", f"1 h {name}: cat", median(read), "ms CPU"),
        row("peaks", f"1 h {name}: numpy on the whole file", naive, "ms CPU"),
        row("peaks", f"1 h {name}, beside ffmpeg's decode", cpu, "ms CPU", median(decode) / cpu, bar),
        row("peaks", f"1 h {name}, beside numpy on the whole file", cpu, "ms CPU", naive / cpu),
        _memory(f"1 h {name}", median(child["mb"] for child in ours), 4.0),
    ]


def _long(path: Path) -> Row:
    """Ten hours of silence: a file of holes, since only memory is measured."""
    with path.open("wb") as file:
        file.write(wav_header(8000, 1, 10 * _HOUR))
        file.truncate(44 + 20 * _HOUR)
    return _memory("10 h mono", _child("ours", path)["mb"], 8.0)


def _memory(name: str, megabytes: float, allowed: float) -> Row:
    """Its ratio is how many times the memory would fit what is allowed."""
    what = f"{name}, memory over the imports, of {allowed:g} MB"
    return row("peaks", what, megabytes, "MB", allowed / max(megabytes, 0.1), 1.0)


def _write_noise(path: Path, tag: int, width: int, channels: int) -> None:
    """An hour of speech-like loudness; the content changes nothing for us, and little for a decoder of PCM."""
    header = bytearray(wav_header(8000, channels, _HOUR * width // 2))
    header[20:22] = tag.to_bytes(2, "little")
    header[28:36] = b"".join(
        number.to_bytes(size, "little")
        for number, size in ((8000 * channels * width, 4), (channels * width, 2), (8 * width, 2))
    )
    random = np.random.default_rng(22)
    with path.open("wb") as file:
        file.write(header)
        for _ in range(60):
            noise = random.normal(0, 3000, _HOUR // 60 * channels).astype("<i2")
            file.write(noise.tobytes() if width == 2 else noise.astype(np.uint8).tobytes())


def _cpu(command: list[str], program: Program | None) -> float:
    """Milliseconds of CPU of a whole process."""
    child = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, env=program.environment() if program else None, stdin=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {child.returncode}")
    return 1e3 * (usage.ru_utime + usage.ru_stime)


def _child(name: str, path: Path) -> Measured:
    command = [sys.executable, "-m", "bench.peaks", name, str(path)]
    measured: Measured = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=120).stdout)
    return measured


def _ours(path: Path) -> None:
    with open_sound(path) as sound, tempfile.TemporaryFile() as out:
        write_dat(out, Header(sound.rate, _ZOOM, 8, sound.channels), peaks(sound, _ZOOM, split_channels=True))


def _whole(path: Path) -> None:
    """What one writes without thinking: read it all, reshape, reduce."""
    channels = int.from_bytes(path.open("rb").read(24)[22:24], "little")
    whole = (
        MULAW.linear(MULAW.codes(path.read_bytes()[44:])) if "µ" in path.name else np.fromfile(path, "<i2", offset=44)
    )
    pixels = whole[: len(whole) // (_ZOOM * channels) * _ZOOM * channels].reshape(-1, _ZOOM, channels)
    np.stack((pixels.min(axis=1), pixels.max(axis=1)), axis=2).tobytes()


def _measure(work: Callable[[Path], None], path: Path) -> Measured:
    Path("/proc/self/clear_refs").write_text("5")  # forgets what importing took at its highest: proc(5)
    memory, cpu = _highest_kb(), time.process_time()
    work(path)
    cpu_ms = 1e3 * (time.process_time() - cpu)
    return {"cpu_ms": cpu_ms, "mb": (_highest_kb() - memory) / 1024}


def _highest_kb() -> int:
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    print(json.dumps(_measure({"ours": _ours, "whole": _whole}[sys.argv[1]], Path(sys.argv[2]))))
