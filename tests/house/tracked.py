"""What the house rules look at: the files that git knows, and the product's modules as syntax trees."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("pbx_bridge", "agi", "dialplan", "recordings", "web")


@cache
def tracked() -> tuple[Path, ...]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    return tuple(path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file())


def texts() -> Iterator[tuple[str, str]]:
    for path in tracked():
        data = path.read_bytes()
        if b"\0" not in data[:8000]:
            yield str(path.relative_to(ROOT)), data.decode(errors="replace")


@cache
def modules(room: str = "") -> tuple[tuple[str, ast.Module], ...]:
    """Path and tree of each product module whose path starts with `room`."""
    product = (path for path in tracked() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in PACKAGES)
    named = ((str(path.relative_to(ROOT)), path) for path in product)
    return tuple((name, ast.parse(path.read_text())) for name, path in named if name.startswith(room))


def imported(tree: ast.Module) -> set[str]:
    """The top-level names a module imports from outside its own package."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module)
    return found
