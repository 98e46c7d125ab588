"""Peaks of an hour of sound: CPU and memory beside ffmpeg's decode of the same file and numpy on the whole file.

Each measurement is a process of its own (`python -m bench.peaks NAME FILE` is the child), rounds interleaved, medians.
audiowaveform is in no registry: its CPU was once measured as a share of ffmpeg's decode, so the bars against it are
turned into bars against ffmpeg. Mind ffmpeg's version, which each row names: on one machine 5.1 took 120 ms for the
mono file, 9.0 with its threads 530 ms.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from pbx_bridge.parts.tools import Program, find_program
from recordings.cut import wav_header
from recordings.dat import Header, write_dat
from recordings.encoding import MULAW
from recordings.peaks import peaks
from recordings.sound import open_sound

ROUNDS: Final = 5
HOUR: Final = 3600 * 8000
ZOOM: Final = 256
# name: (WAV format tag, bytes a sample, channels, audiowaveform's share of ffmpeg's CPU, our bar as its divisor)
CASES: Final = {
    "mono": (1, 2, 1, 0.7, 8.0),
    "stereo": (1, 2, 2, 0.6, 2.5),
    "µ-law": (7, 1, 1, 0.7, 4.0),
}
Measured = Mapping[str, float]


def run() -> list[dict[str, object]]:
    """Measure all; `ours` and `peer` in milliseconds of CPU, or in megabytes over the imports."""
    ffmpeg = find_program(["ffmpeg"], "ffmpeg", "usr/bin/ffmpeg", "-version", lambda line: print(line, file=sys.stderr))
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        for name, (tag, width, channels, share, divisor) in CASES.items():
            path = Path(folder) / f"{name}.wav"
            _write_noise(path, tag, width, channels)
            rows += _case(name, path, ffmpeg, divisor / share)
            path.unlink()
        return [*rows, _long(Path(folder) / "long.wav")]


def _case(name: str, path: Path, ffmpeg: Program, bar: float) -> list[dict[str, object]]:
    ours, whole, decode, read = [], [], [], []
    for _ in range(ROUNDS):
        ours.append(_child("ours", path))
        decode.append(_cpu([str(ffmpeg.path), "-v", "error", "-i", str(path), "-f", "null", "-"], ffmpeg))
        whole.append(_child("whole", path))
        read.append(_cpu(["cat", str(path)], None))
    cpu = statistics.median(child["cpu_ms"] for child in ours)
    memory = statistics.median(child["mb"] for child in ours)
    peers = {
        f"the decode of {_version(ffmpeg)}": decode,
        "cat": read,
        "numpy whole-file": [child["cpu_ms"] for child in whole],
    }
    rows = [
        _row(f"peaks, 1 h {name}: CPU ms beside {peer}", cpu, statistics.median(cost), bar if cost is decode else None)
        for peer, cost in peers.items()
    ]
    peer_memory = statistics.median(child["mb"] for child in whole)
    return [*rows, _bounded(f"peaks, 1 h {name}: MB over imports beside numpy whole-file", memory, peer_memory, 4.0)]


def _version(ffmpeg: Program) -> str:
    said = subprocess.check_output([str(ffmpeg.path), "-version"], env=ffmpeg.environment(), text=True)
    return " ".join(said.split()[:3:2])


def _long(path: Path) -> dict[str, object]:
    """Ten hours of silence: a file of holes, since only memory is measured."""
    with path.open("wb") as file:
        file.write(wav_header(8000, 1, 10 * HOUR))
        file.truncate(44 + 20 * HOUR)
    return _bounded(
        "peaks, 10 h mono: MB over imports beside numpy whole-file",
        _child("ours", path)["mb"],
        _child("whole", path)["mb"],
        8.0,
    )


def _row(name: str, ours: float, peer: float, bar: float | None) -> dict[str, object]:
    ratio = round(peer / ours, 2)
    wish = "" if bar is None else f"≥ {bar:.1f}×"
    return {"name": name, "ours": ours, "peer": peer, "ratio": ratio, "bar": wish, "met": bar is None or ratio >= bar}


def _bounded(name: str, ours: float, peer: float, bar: float) -> dict[str, object]:
    ratio = round(peer / max(ours, 0.1), 1)
    return {"name": name, "ours": ours, "peer": peer, "ratio": ratio, "bar": f"≤ {bar:g} MB", "met": ours <= bar}


def _write_noise(path: Path, tag: int, width: int, channels: int) -> None:
    """An hour of speech-like loudness; the content changes nothing for us, and little for a decoder of PCM."""
    header = bytearray(wav_header(8000, channels, HOUR * width // 2))
    header[20:22] = tag.to_bytes(2, "little")
    header[28:36] = b"".join(
        number.to_bytes(size, "little")
        for number, size in ((8000 * channels * width, 4), (channels * width, 2), (8 * width, 2))
    )
    random = np.random.default_rng(22)
    with path.open("wb") as file:
        file.write(header)
        for _ in range(60):
            noise = random.normal(0, 3000, HOUR // 60 * channels).astype("<i2")
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
        write_dat(out, Header(sound.rate, ZOOM, 8, sound.channels), peaks(sound, ZOOM, split_channels=True))


def _whole(path: Path) -> None:
    """What one writes without thinking: read it all, reshape, reduce."""
    channels = int.from_bytes(path.open("rb").read(24)[22:24], "little")
    whole = (
        MULAW.linear(MULAW.codes(path.read_bytes()[44:])) if "µ" in path.name else np.fromfile(path, "<i2", offset=44)
    )
    pixels = whole[: len(whole) // (ZOOM * channels) * ZOOM * channels].reshape(-1, ZOOM, channels)
    np.stack((pixels.min(axis=1), pixels.max(axis=1)), axis=2).tobytes()


def _measure(work: Callable[[Path], None], path: Path) -> Measured:
    memory, cpu = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    work(path)
    cpu_ms = 1e3 * (time.process_time() - cpu)
    return {"cpu_ms": cpu_ms, "mb": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024}


if __name__ == "__main__":
    print(json.dumps(_measure({"ours": _ours, "whole": _whole}[sys.argv[1]], Path(sys.argv[2]))))
