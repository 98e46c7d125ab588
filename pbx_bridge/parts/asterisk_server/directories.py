"""The folders of one running Asterisk, and the asterisk.conf that tells it."""

import re
from collections.abc import Mapping
from pathlib import Path

from pbx_bridge.parts.asterisk_server.install import AsteriskInstall

_DIRECTORIES_SECTION = re.compile(r"^\[directories\][^\n]*\n(?:(?!\[)[^\n]*\n?)*", re.MULTILINE)


def lay_out(install: AsteriskInstall, config_dir: Path, run_dir: Path, control_dir: Path) -> Path:
    """Create the folders of an instance below `run_dir` and write its asterisk.conf; the path of that file.

    The instance has a data folder of its own, linked to the install's, so that prompts and music may be added to it.
    Sections of `config_dir`/asterisk.conf other than [directories] are kept.
    """
    data = run_dir / "data"
    for folder in ("lib/keys", "spool", "log", "cache", "data/sounds", "data/moh", "data/agi-bin"):
        (run_dir / folder).mkdir(parents=True, exist_ok=True)
    for entry in install.data_dir.iterdir():
        _link(data / entry.name, entry)
    for language in install.sounds_dir.iterdir():
        _link_inside(data / "sounds" / language.name, language)
    directories = {
        "astetcdir": config_dir,
        "astmoddir": install.modules_dir,
        "astvarlibdir": run_dir / "lib",
        "astdbdir": run_dir / "lib",
        "astkeydir": run_dir / "lib",
        "astdatadir": data,
        "astagidir": data / "agi-bin",
        "astspooldir": run_dir / "spool",
        "astrundir": control_dir,
        "astlogdir": run_dir / "log",
        "astcachedir": run_dir / "cache",
    }
    conf = run_dir / "asterisk.conf"
    conf.write_text(_asterisk_conf(directories, config_dir / "asterisk.conf"))
    return conf


def _link(link: Path, target: Path) -> None:
    if link.is_symlink():  # perhaps to an install that an upgrade has replaced
        link.unlink()
    if not link.exists() and target.exists():
        link.symlink_to(target)


def _link_inside(folder: Path, target: Path) -> None:
    """A folder of the instance's own with links to what the install has: prompts are added beside its sounds."""
    if not target.is_dir():
        return
    if folder.is_symlink():
        folder.unlink()
    folder.mkdir(exist_ok=True)
    for entry in target.iterdir():
        _link(folder / entry.name, entry)


def _asterisk_conf(directories: Mapping[str, Path], given: Path) -> str:
    section = "".join(f"{name} => {folder}\n" for name, folder in directories.items())
    rest = _DIRECTORIES_SECTION.sub("", given.read_text()) if given.exists() else "[options]\nnocolor = yes\n"
    return f"[directories]\n{section}\n{rest}"
