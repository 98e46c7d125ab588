"""Who may start a dialogue: a request that our own dialplan made, for this call, now, once. Pure.

The dialplan has SHA1() but no HMAC, so the keyed hash is nested as HMAC nests it, with the inner digest in hex:
`SHA1(outer + SHA1(inner + dialogue:uniqueid:expires))`, both keys derived from one secret. In extensions.conf:

    same => n,Set(UNTIL=$[${EPOCH} + 30])
    same => n,Set(SUM=${SHA1(${AGI_OUTER}${SHA1(${AGI_INNER}sign-in:${UNIQUEID}:${UNTIL})})})
    same => n,AGI(agi://127.0.0.1:4573/sign-in?token=${UNTIL}-${SUM})
"""

from hashlib import sha1, sha256
from hmac import compare_digest
from typing import Final, Literal

from msgspec import Struct

_LONGEST_S: Final = 120
"""A token that claims to live longer was not made by our dialplan."""

Verdict = Literal["genuine", "missing", "foreign", "expired", "replayed"]


class Keys(Struct, frozen=True):
    """The two halves as they stand in the dialplan's globals, hexadecimal."""

    inner: str
    outer: str


def keys(secret: bytes) -> Keys:
    """The dialplan's two keys from the installation's one secret."""
    return Keys(*(sha256(part + secret).hexdigest() for part in (b"agi-inner:", b"agi-outer:")))


def sign(keys: Keys, dialogue: str, uniqueid: str, expires: int) -> str:
    """What the dialplan computes; `expires` in epoch seconds."""
    return _Signer(keys).sign(dialogue, uniqueid, str(expires))


class _Signer:
    """Both keys are hashed once; a signature goes on from there."""

    def __init__(self, keys: Keys) -> None:
        self._inner = sha1(keys.inner.encode(), usedforsecurity=False)
        self._outer = sha1(keys.outer.encode(), usedforsecurity=False)

    def sign(self, dialogue: str, uniqueid: str, expires: str) -> str:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(f"{dialogue}:{uniqueid}:{expires}".encode())
        outer.update(inner.hexdigest().encode())
        return f"{expires}-{outer.hexdigest()}"


class Gate:
    """Remembers the tokens it let in until they expire. Time is an argument, in epoch seconds."""

    def __init__(self, keys: Keys) -> None:
        self._signer = _Signer(keys)
        self._used: dict[str, int] = {}
        self._forget_at = 0.0

    def judge(self, token: str, dialogue: str, uniqueid: str, now: float) -> Verdict:
        """`genuine` at most once for a token."""
        if not token:
            return "missing"
        until, _, _ = token.partition("-")
        if not (token.isascii() and until.isdecimal() and len(until) <= 12):
            return "foreign"
        if not compare_digest(self._signer.sign(dialogue, uniqueid, until), token):
            return "foreign"
        expires = int(until)
        if not now <= expires <= now + _LONGEST_S:
            return "expired"
        if now >= self._forget_at:
            self._used = {seen: end for seen, end in self._used.items() if end >= now}
            self._forget_at = now + _LONGEST_S / 4
        if token in self._used:
            return "replayed"
        self._used[token] = expires
        return "genuine"
