"""Stand-ins for what a recorded stream must not tell: numbers, names, keys and passwords. Pure.

Every stand-in has as many characters and bytes as what it hides, and the same original gets the same one throughout
a recording, so that a stream stays a true stream. Extensions (up to six digits) stay: they are the plot.
"""

import re
from hashlib import blake2b
from typing import Final

_NUMBER: Final = re.compile(r"(?<![\w.:-])\+?\d{7,15}(?![\w.])|(?<=/)\+?\d{7,15}(?=@)")
_ADDRESS: Final = re.compile(r"\b(?!127\.)\d{1,3}(?:\.\d{1,3}){3}\b")
_NAMES: Final = ("calleridname", "connectedlinename", "membername", "name(", "calleridname)")
_SECRETS: Final = frozenset({"challenge", "key", "secret", "token", "digit"})
_SECRET_VARIABLE: Final = re.compile(r"PASS|SECRET|TOKEN|KEY|PIN|SUM|OUTER|INNER", re.IGNORECASE)
_IDS: Final = ("uniqueid", "linkedid", "actionid", "timestamp", "bridgeid", "ssrc", "sequencenumber")


class Scrubber:
    """`salt` makes stand-ins of different recordings unrelated; keep it nowhere."""

    def __init__(self, salt: bytes) -> None:
        self._salt = salt
        self._names: dict[str, str] = {}

    def packet(self, raw: bytes) -> bytes:
        """One packet without anything personal."""
        lines = raw.decode("utf-8", "replace").split("\r\n")
        secret = any(line.startswith("Variable: ") and _SECRET_VARIABLE.search(line) for line in lines)
        return "\r\n".join(self._line(line, secret) for line in lines).encode()

    def text(self, text: str) -> str:
        """Numbers, addresses and the names met so far, wherever they stand."""
        text = _NUMBER.sub(lambda found: self._digits(found[0]), text)
        text = _ADDRESS.sub(lambda found: re.sub(r"\d", "1", found[0]), text)
        for name, stand_in in self._names.items():
            text = text.replace(name, stand_in)
        return text

    def name(self, name: str) -> str:
        """A person's name, here and from now on wherever it stands."""
        if name not in self._names:
            seeds = self._digest(name) * (len(name) // 64 + 1)
            self._names[name] = "".join(_like(char, seed) for char, seed in zip(name, seeds, strict=False))
        return self._names[name]

    def _line(self, line: str, secret: bool) -> str:
        name, colon, value = line.partition(": ")
        folded = name.lower()
        if not colon or folded.endswith(_IDS):
            return line
        if folded in _SECRETS or (secret and folded == "value"):
            return f"{name}: {'0' * len(value)}"
        if folded.endswith(_NAMES) and len(value) > 1 and value != "<unknown>":
            return f"{name}: {self.name(value)}"
        return f"{name}: {self.text(value)}"

    def _digest(self, what: str) -> bytes:
        return blake2b(what.encode(), key=self._salt, digest_size=64).digest()

    def _digits(self, number: str) -> str:
        bare = number.removeprefix("+")
        stand_in = "".join(str(byte % 10) for byte in self._digest(bare)[: len(bare) - 1])
        return "+" * (len(number) - len(bare)) + bare[0] + stand_in


def _like(char: str, seed: int) -> str:
    """Another character of the same kind and the same number of bytes."""
    match len(char.encode()):
        case 1 if char.isalpha():
            return chr(ord("a" if char.islower() else "A") + seed % 26)
        case 1 if char.isdigit():
            return str(seed % 10)
        case 2:
            return chr(0xE0 + seed % 24)
        case 3:
            return chr(0x4E00 + seed)
        case 4:
            return chr(0x20000 + seed)
        case _:
            return char
