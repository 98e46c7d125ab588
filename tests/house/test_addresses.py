"""Locks carry hashes and no addresses; no file names a registry or this or that machine's folders."""

import json
import re
from pathlib import Path

import pytest

from tests.house.tracked import ROOT, texts

LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
REGISTRIES = [
    ".".join(parts)  # taken apart, or this file would name them
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("deb", "debian", "org"),
    )
]
# Homes and work folders of people and of build machines: nothing of the project lies there.
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:root|home/\w+|Users/\w+|work)/\w+")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_locked_package_has_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert not re.search(r"^\s*-(-index|-extra-index|-find|i |f )", text, re.MULTILINE)
    requirements = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    assert [entry.split()[0] for entry in requirements if "--hash=sha256:" not in entry] == []


def test_the_browser_lock_has_integrity_and_no_address() -> None:
    packages = json.loads((ROOT / "web/ui/package-lock.json").read_text())["packages"]
    assert [name for name, entry in packages.items() if name and "integrity" not in entry] == []
    assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_no_file_names_a_registry() -> None:
    assert [(name, host) for name, text in texts() for host in REGISTRIES if host in text] == []


def test_no_file_names_a_folder_of_one_machine() -> None:
    assert [(name, found[0]) for name, text in texts() if (found := MACHINE_PATHS.search(text))] == []
