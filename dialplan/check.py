"""`python -m dialplan.check`: is `asterisk-config/generated` what its provision renders, and within the rules?

With `--write` it is rendered anew; with `--config FOLDER` only the rules are read, over a folder of somebody's own.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from pbx_bridge.core.errors import Misconfigured

from .provision import Provision, from_toml
from .render import render
from .rules import faults

HOME = Path(__file__).resolve().parent.parent / "asterisk-config"


def load(path: Path) -> Provision:
    """The provision in a TOML file. Raises `Misconfigured` with the file's name, `OSError`."""
    try:
        return from_toml(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as fault:
        raise Misconfigured(f"{path}: is not UTF-8 text") from fault
    except Misconfigured as fault:
        raise Misconfigured(f"{path}: {fault}") from fault


def stored(folder: Path) -> dict[str, str]:
    """File name → text of a configuration folder."""
    return {path.name: path.read_text() for path in sorted(folder.glob("*.conf"))}


def differences(rendered: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """One line for each file that is missing, superfluous or different."""
    lines = [f"{name}: missing" for name in sorted(rendered.keys() - found.keys())]
    lines += [f"{name}: nothing renders it" for name in sorted(found.keys() - rendered.keys())]
    return lines + [
        f"{name}: differs" for name in sorted(rendered.keys() & found.keys()) if rendered[name] != found[name]
    ]


def write(files: Mapping[str, str], folder: Path) -> None:
    """Store `files` as the whole of `folder`; readable to their owner only, since they hold secrets."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in stored(folder).keys() - files.keys():
        (folder / name).unlink()
    put(files, folder)


def put(files: Mapping[str, str], folder: Path) -> None:
    """Store `files` beside whatever else is in `folder`, each whole or not at all, readable to its owner only."""
    for name, text in files.items():
        unfinished = folder / f".{name}.part"
        unfinished.touch(mode=0o600)
        unfinished.write_text(text)
        unfinished.rename(folder / name)


def main(arguments: list[str] | None = None) -> int:
    """0 when all is well; 1 with what is wrong; 2 when the provision cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m dialplan.check", description=__doc__)
    parser.add_argument("--write", action="store_true", help="render asterisk-config/generated anew")
    parser.add_argument("--config", type=Path, help="read only the rules, over this folder")
    chosen = parser.parse_args(arguments)
    try:
        found = _faults_of(chosen.config) if chosen.config else _compare(chosen.write)
    except (Misconfigured, OSError) as fault:
        print(fault, file=sys.stderr)
        return 2
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


def _faults_of(folder: Path) -> list[str]:
    if not folder.is_dir():
        raise Misconfigured(f"{folder}: no such folder")
    return faults(stored(folder))


def _compare(rewrite: bool) -> list[str]:
    rendered = render(load(HOME / "provision.toml"))
    if rewrite:
        write(rendered, HOME / "generated")
    return differences(rendered, stored(HOME / "generated")) + faults(rendered)


if __name__ == "__main__":
    sys.exit(main())
