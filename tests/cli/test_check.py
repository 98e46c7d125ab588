"""`check` names what is wrong and how to mend it."""

import pytest

from pbx_bridge.cli.checks.asterisk import judge_version, version


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("22.10.1", (22, 10, 1)),
        ("22.10.1+dfsg+~cs6.17.60671434-1", (22, 10, 1)),
        ("20.20.1~dfsg", (20, 20, 1)),
        ("certified/20.7-cert11", (20, 7)),
        ("GIT-master-abc", ()),
    ],
)
def test_versions_are_read(text: str, number: tuple[int, ...]) -> None:
    assert version(text) == number


@pytest.mark.parametrize(
    "text", ["22.10.1", "22.11.0", "20.20.1", "23.4.1", "24.0.0", "22.10.1+dfsg", "certified/20.7-cert11"]
)
def test_fixed_releases_are_fine(text: str) -> None:
    assert judge_version(text).verdict == "ok"


@pytest.mark.parametrize(
    "text", ["22.10.0", "22.8.2", "20.20.0", "21.12.2", "23.4.0", "18.26.4", "GIT-master", "certified/20.7-cert10"]
)
def test_others_are_refused_with_what_to_install(text: str) -> None:
    finding = judge_version(text)
    assert finding.verdict == "problem"
    assert finding.mend
