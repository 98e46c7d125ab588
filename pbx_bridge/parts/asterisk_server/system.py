"""The machine's own Asterisk: where its modules, documentation and sounds lie."""

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from pbx_bridge.parts.asterisk_server.install import AsteriskInstall, ask_version

_DIRECTORY = re.compile(r"^\s*(ast\w+dir)\s*=>?\s*([^;\s]+)", re.MULTILINE)


def describe(program: str) -> AsteriskInstall | None:
    """The Asterisk behind `program` (a name on PATH or a path), any version; None: none, or without its folders."""
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin:/sbin")
    version = ask_version((path,)) if path else None
    if path is None or version is None:
        return None
    prefix = Path(path).resolve().parent.parent
    written = _written_directories(Path("/etc/asterisk/asterisk.conf"))
    modules = _first([written.get("astmoddir"), *_module_folders(prefix)], "chan_pjsip.so")
    shares = [
        written.get("astdatadir"),
        prefix / "share/asterisk",
        Path("/var/lib/asterisk"),
        prefix / "var/lib/asterisk",
    ]
    data = _first(shares, "documentation")
    sounds = _first([share / "sounds" if share else None for share in shares], "en")
    if modules is None or data is None or sounds is None:
        return None
    return AsteriskInstall(version, (path,), Path("/"), modules, data, sounds)


def _written_directories(conf: Path) -> dict[str, Path]:
    try:
        text = conf.read_text(errors="replace")
    except OSError:
        return {}
    return {name: Path(value) for name, value in _DIRECTORY.findall(text)}


def _module_folders(prefix: Path) -> list[Path]:
    return [
        *sorted(prefix.glob("lib/*/asterisk/modules")),
        prefix / "lib64/asterisk/modules",
        prefix / "lib/asterisk/modules",
    ]


def _first(folders: Iterable[Path | None], holding: str) -> Path | None:
    return next((folder for folder in folders if folder is not None and (folder / holding).exists()), None)
