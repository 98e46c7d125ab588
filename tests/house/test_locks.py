"""The locks hold what pyproject.toml asks for: a dependency added there is locked, too."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement

from tests.house.tracked import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def _locked(lock: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / f"requirements/{lock}.lock").read_text(), re.M):
        found.setdefault(name, set()).add(version)
    return found


@pytest.mark.parametrize(("lock", "extras"), [("demo", ["demo"]), ("dev", ["demo", "s3", "dev"])])
def test_locks_hold_what_the_project_asks_for(lock: str, extras: list[str]) -> None:
    asked = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["build"]]
    for extra in extras:
        asked += PROJECT["project"]["optional-dependencies"][extra]
    locked = _locked(lock)
    unmet = [
        entry
        for entry in asked
        if not any(Requirement(entry).specifier.contains(v) for v in locked.get(Requirement(entry).name.lower(), ()))
    ]
    assert unmet == [], "run `make lock`"


def test_both_locks_agree() -> None:
    demo, dev = _locked("demo"), _locked("dev")
    assert {name: versions for name, versions in demo.items() if dev.get(name) != versions} == {}
