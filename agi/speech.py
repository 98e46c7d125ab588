"""Speech for the telephone: synthesised, cut, levelled, at 8 kHz."""

import io
import subprocess
import warnings
import wave
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pbx_bridge.core.errors import Misconfigured

RATE: Final = 8000
Samples = NDArray[np.float32]
"""Mono, full scale ±1."""

_LEVEL: Final = 0.089  # -21 dBFS over what is speech: as loud as asterisk-core-sounds
_PEAK: Final = 0.9
_QUIET: Final = 0.01
_LEAD_S: Final = 0.12
"""Silence before the first word: the first packets after an answer are often lost."""
_TAIL_S: Final = 0.12


class Japanese:
    """Open JTalk, offline. `Misconfigured` when it is not installed."""

    def __init__(self) -> None:
        try:
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):  # it remarks on what it goes without
                import pyopenjtalk
        except ImportError as absent:
            raise Misconfigured("Japanese prompts need pyopenjtalk-plus: install pbx-bridge[demo]") from absent
        self._synthesise = pyopenjtalk.tts

    def say(self, text: str) -> Samples:
        """A sentence."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of its own libraries
            sound, rate = self._synthesise(text)
        return finished(np.asarray(sound, np.float32) / np.float32(32768), int(rate))


class English:
    """Flite's voice slt: a small, clear one. `program` is the executable, `environment` what it runs in."""

    def __init__(self, program: Path, environment: Mapping[str, str] | None = None) -> None:
        self._program, self._environment = program, environment

    def say(self, text: str) -> Samples:
        """A sentence. Raises `Misconfigured` when flite does not run."""
        command = [str(self._program), "-voice", "slt", "-t", text, "-o", "/dev/stdout"]
        try:
            # A fixed program and our own sentences as arguments, no shell.
            done = subprocess.run(command, capture_output=True, check=True, timeout=30, env=self._environment)  # noqa: S603
        except (OSError, subprocess.SubprocessError) as fault:
            raise Misconfigured(f"English prompts need flite, and {self._program} does not run: {fault}") from fault
        data = done.stdout
        start = data.find(b"data") + 8  # written to a pipe, the header's sizes are not to be trusted
        rate = int.from_bytes(data[24:28], "little")
        usable = len(data) - (len(data) - start) % 2
        return finished(np.frombuffer(data[start:usable], "<i2").astype(np.float32) / np.float32(32768), rate)


def finished(sound: Samples, rate: int) -> Samples:
    """Resampled to `RATE`, silence cut to a little at both ends, brought to one loudness."""
    import soxr  # beside the synthesisers, an extra of set-up

    small: Samples = soxr.resample(sound, rate, RATE, quality="HQ")
    loud = np.flatnonzero(np.abs(small) > _QUIET * max(float(np.abs(small).max()), 1e-9) * 2)
    if not loud.size:
        return np.zeros(RATE // 10, np.float32)
    speech = small[loud[0] : loud[-1] + 1]
    active = speech[np.abs(speech) > _QUIET]
    rms = float(np.sqrt(np.mean(active**2))) if active.size else 1.0
    speech = speech * min(_LEVEL / rms, _PEAK / float(np.abs(speech).max()))
    lead, tail = np.zeros(int(_LEAD_S * RATE), np.float32), np.zeros(int(_TAIL_S * RATE), np.float32)
    return np.concatenate([lead, speech.astype(np.float32), tail])


def write_wav(path: Path, samples: Samples) -> None:
    """A 16-bit WAV file of `RATE`."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes((samples * 32767).clip(-32768, 32767).astype("<i2").tobytes())
