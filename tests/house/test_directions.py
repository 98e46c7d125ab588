"""Imports point downwards: the contracts stand in pyproject.toml under `tool.importlinter`."""

import ast
import subprocess
import sys
from pathlib import Path

from tests.house.tracked import ROOT, imported, modules


def test_import_contracts_hold() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(lint), "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr


def test_parts_need_the_standard_library_only() -> None:
    foreign = {
        (name, module)
        for name, tree in modules("pbx_bridge/parts")
        for module in imported(tree)
        if module.split(".")[0] not in sys.stdlib_module_names and not module.startswith("pbx_bridge.parts")
    }
    assert foreign == set()


def test_core_asks_no_clock() -> None:
    asking = {
        (name, node.lineno)
        for name, tree in modules("pbx_bridge/core")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"} and _names_a_clock(node.value)
    }
    assert asking == set()


def _names_a_clock(owner: ast.expr) -> bool:
    return ast.unparse(owner).rpartition(".")[2] in {"date", "datetime"}


def test_panoramisk_stands_in_one_module() -> None:
    users = {name for name, tree in modules() if any(m.split(".")[0] == "panoramisk" for m in imported(tree))}
    assert users == {"pbx_bridge/ami/link.py"}


def test_pyst2_stands_in_one_module_at_most() -> None:
    users = {name for name, tree in modules() if any(m.split(".")[0] == "asterisk" for m in imported(tree))}
    assert len(users) <= 1, users


def test_no_top_folder_takes_the_name_pyst2_imports() -> None:
    assert not (ROOT / "asterisk").exists()
