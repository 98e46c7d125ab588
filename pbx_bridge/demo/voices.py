"""What is heard in the demo: a few sentences of synthetic Japanese and soft music, made once and kept in the cache."""

import io
import math
import wave
from array import array
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from pbx_bridge.parts.cache import appearing_whole, cache_home, cache_lock

_RATE = 8000
_SENTENCES = {
    "customers": (
        2.0,
        "もしもし、先日注文した商品について、少し伺いたいのですが、よろしいでしょうか。",
        "はい、そうです。来週の水曜日の午前中でしたら、家におります。",
        "ありがとうございます。では、それでお願いします。",
    ),
    "agents": (
        -2.0,
        "お電話ありがとうございます。担当の者でございます。ご用件をお伺いいたします。",
        "かしこまりました。ただいまお調べいたしますので、少々お待ちくださいませ。",
        "お待たせいたしました。ご登録を確認いたしました。ほかにご不明な点はございますか。",
    ),
}
"""Group → pitch in half tones, then what is said."""
_CHORDS = (
    (261.6, 329.6, 392.0, 523.3),
    (220.0, 261.6, 329.6, 440.0),
    (174.6, 220.0, 261.6, 349.2),
    (196.0, 246.9, 293.7, 392.0),
)
"""C, a, F, G; hertz."""


def voices() -> Path:
    """A folder with the folders `customers`, `agents` and `music`, each of 8 kHz mono 16-bit WAV files."""
    final = cache_home() / "voices-2"
    with cache_lock("voices"):
        if not final.exists():
            with appearing_whole(final) as scratch:
                for group, (pitch, *sentences) in _SENTENCES.items():
                    (scratch / group).mkdir()
                    for number, samples in enumerate(_spoken(pitch, sentences)):
                        _write(scratch / group / f"{number}.wav", samples)
                (scratch / "music").mkdir()
                _write(scratch / "music" / "waiting.wav", _music())
    return final


def _spoken(pitch: float, sentences: list[str]) -> "Iterator[array[int]]":
    """Speech, or a cadence of soft tones where no synthesiser is installed."""
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):  # it remarks on what it can do without
            import pyopenjtalk
            import soxr
    except ImportError:
        yield from (_cadence(300 + 40 * (pitch + number)) for number in range(len(sentences)))
        return
    for sentence in sentences:
        sound, rate = pyopenjtalk.tts(sentence, half_tone=pitch)
        small = soxr.resample(sound, rate, _RATE) * (0.4 * 32767 / max(abs(sound).max(), 1.0))
        yield array("h", [*small.clip(-32767, 32767).astype("int16").tolist(), *[0] * (_RATE // 2)])


def _cadence(hertz: float) -> "array[int]":
    def sample(n: int) -> int:
        speaking = n % 2400 < 1600
        return int(6000 * math.sin(2 * math.pi * hertz * n / _RATE)) if speaking else 0

    return array("h", [sample(n) for n in range(_RATE * 4)])


def _music() -> "array[int]":
    """Broken chords, each note struck softly and left to fade."""
    notes = [hertz for chord in _CHORDS for hertz in (*chord, *chord[-2::-1])]
    samples = [0.0] * (_RATE // 2 * len(notes) + _RATE * 2)
    for number, hertz in enumerate(notes):
        start = number * _RATE // 2
        for n in range(_RATE * 2):
            samples[start + n] += 2500 * math.exp(-2.5 * n / _RATE) * math.sin(2 * math.pi * hertz * n / _RATE)
    return array("h", map(int, samples))


def _write(path: Path, samples: "array[int]") -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(samples.tobytes())
