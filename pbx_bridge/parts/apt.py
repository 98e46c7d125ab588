"""A private apt: resolves and downloads Debian packages without root and without touching the machine's own state."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pbx_bridge.parts.apt_sources import Mirror
from pbx_bridge.parts.errors import PartUnavailable

Progress = Callable[[str], None]
"""Receives one line of progress at a time, without a line end."""

# The machine's own hooks (package kits, caches) have no business with a private state; `-c` is read last (apt-get(8)).
_CONFIGURATION = """\
#clear APT::Update;
#clear DPkg;
Dir::State "{work}/state";
Dir::Cache "{work}/cache";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Debug::NoLocking "true";
"""
_OTHER_SUITE = """\
Dir::State::status "{work}/status";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "{work}/sources";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
"""
_URI_LINE = re.compile(r"^'[^']+' (?P<file>(?P<name>[^_ ]+)_\S+\.deb) (?P<size>\d+)")


@dataclass(frozen=True)
class Package:
    """One package of a closure: its name and the size of its archive in bytes."""

    name: str
    size_bytes: int


class PrivateApt:
    """apt with its state in `work`: of another `suite` from an empty machine, or (no mirror) of the machine's own."""

    def __init__(self, work: Path, mirror: Mirror | None = None, suite: str = "") -> None:
        """Write the private configuration. PartUnavailable: this machine has no apt or dpkg-deb."""
        for tool in ("apt-get", "dpkg-deb"):
            if shutil.which(tool) is None:
                raise PartUnavailable(f"{tool} is not on this machine, so Debian packages cannot be unpacked")
        for folder in ("state/lists/partial", "cache/archives/partial", "sources"):
            (work / folder).mkdir(parents=True, exist_ok=True)
        text = _CONFIGURATION
        if mirror is not None:
            text += _OTHER_SUITE
            (work / "status").touch()
            (work / "sources" / "suite.sources").write_text(mirror.source(suite))
        self._configuration = work / "apt.conf"
        self._configuration.write_text(text.format(work=work))

    def update(self) -> None:
        """Read the package lists. PartUnavailable: the mirror does not answer or is not trusted."""
        self._run(["update", "-q"])

    def closure(self, names: Sequence[str]) -> list[Package]:
        """All packages that installing `names` would fetch. PartUnavailable: no such package there."""
        out = self._run(["install", "-y", "-q", "--reinstall", "--print-uris", *names])
        found = (_URI_LINE.match(line) for line in out.splitlines())
        return [Package(m["name"], int(m["size"])) for m in found if m]

    def download(self, packages: Iterable[Package], into: Path, progress: Progress) -> list[Path]:
        """Fetch the packages' archives, verified against the signed lists, into `into`; their paths."""
        wanted = list(packages)
        total_mb = sum(p.size_bytes for p in wanted) / 1e6
        into.mkdir(parents=True, exist_ok=True)
        command = self._command(["download", "-q", *(p.name for p in wanted)])
        with subprocess.Popen(
            command, cwd=into, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=_environment()
        ) as fetch:
            assert fetch.stdout is not None
            said = _report_each_tenth(fetch.stdout, len(wanted), total_mb, progress)
        if fetch.returncode != 0:
            raise PartUnavailable(f"apt could not download packages: {_last_error(said)}")
        return sorted(into.glob("*.deb"))

    def _command(self, arguments: Sequence[str]) -> list[str]:
        return ["apt-get", "-c", str(self._configuration), *arguments]

    def _run(self, arguments: Sequence[str]) -> str:
        done = subprocess.run(
            self._command(arguments), capture_output=True, text=True, env=_environment(), check=False, timeout=600
        )
        if done.returncode != 0:
            raise PartUnavailable(
                f"apt-get {arguments[0]} failed: {_last_error((done.stdout + done.stderr).splitlines())}"
            )
        return done.stdout


def _environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}


def _report_each_tenth(lines: Iterable[str], count: int, total_mb: float, progress: Progress) -> list[str]:
    said: list[str] = []
    fetched = 0
    for line in lines:
        said.append(line.rstrip())
        if line.startswith("Get:"):
            fetched += 1
            if fetched * 10 // count != (fetched - 1) * 10 // count:
                progress(f"fetched {fetched} of {count} packages ({total_mb:.0f} MB in all)")
    return said


def _last_error(lines: Sequence[str]) -> str:
    errors = [line for line in lines if line.startswith("E:")]
    return (errors or list(lines) or ["no reason given"])[-1].removeprefix("E: ")
