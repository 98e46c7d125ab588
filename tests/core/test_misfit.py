"""A wrong configuration is told in words of its own, with the place and how to mend it."""

from pathlib import Path

import pytest

from dialplan.provision import from_toml
from pbx_bridge.core.errors import Misconfigured
from pbx_bridge.settings import load

PROVISION = (Path(__file__).parents[2] / "asterisk-config" / "provision.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        (
            "center = { id = 1, name",
            "center = { id = 1, nmae",
            r"centers\[0\].center: `nmae` is no setting here: correct",
        ),
        ("priority = 5", 'priority = "high"', "priority: should be a whole number, and is text in quotes"),
        ("priority = 5", "priority = 5, name2 = 1", "`name2` is no setting here"),
        ("recordings = ", "recordings ", "is not TOML: .*line 4"),
    ],
)
def test_a_provision(good: str, bad: str, said: str) -> None:
    assert good in PROVISION
    with pytest.raises(Misconfigured, match=said):
        from_toml(PROVISION.replace(good, bad, 1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[web]\nprot = 1\n", "web: `prot` is no setting here"),
        ("[node]\nzone = 9\n", "should be text in quotes, and is"),
        ("[web]\nport = 99999\n", "web.port: should be a whole number, 65535 at most"),
    ],
)
def test_settings(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "pbx.toml").write_text(text)
    with pytest.raises(Misconfigured, match=said):
        load(tmp_path / "pbx.toml", {})
