"""Only our own dialplan, for this call, now, once."""

import pytest

from agi.token import Gate, keys, sign

KEYS = keys(b"one secret")
NOW = 1_763_800_000.0
TOKEN = sign(KEYS, "sign_in", "1.1", int(NOW) + 30)


def test_genuine_once() -> None:
    gate = Gate(KEYS)
    assert gate.judge(TOKEN, "sign_in", "1.1", NOW) == "genuine"
    assert gate.judge(TOKEN, "sign_in", "1.1", NOW + 1) == "replayed"
    assert gate.judge(TOKEN, "sign_in", "1.1", NOW + 31) == "expired"


@pytest.mark.parametrize(
    ("token", "dialogue", "uniqueid", "verdict"),
    [
        ("", "sign_in", "1.1", "missing"),
        ("nonsense", "sign_in", "1.1", "foreign"),
        ("٣-ab", "sign_in", "1.1", "foreign"),
        ("9" * 5000 + "-ab", "sign_in", "1.1", "foreign"),
        (TOKEN, "monitor", "1.1", "foreign"),
        (TOKEN, "sign_in", "1.2", "foreign"),
        (TOKEN + "0", "sign_in", "1.1", "foreign"),
        (sign(keys(b"another"), "sign_in", "1.1", int(NOW) + 30), "sign_in", "1.1", "foreign"),
        (sign(KEYS, "sign_in", "1.1", int(NOW) + 3600), "sign_in", "1.1", "expired"),
    ],
)
def test_refused(token: str, dialogue: str, uniqueid: str, verdict: str) -> None:
    assert Gate(KEYS).judge(token, dialogue, uniqueid, NOW) == verdict
