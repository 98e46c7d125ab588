"""Where this machine gets Debian packages from: its own apt sources say it, so no address stands in this project."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pbx_bridge.parts.errors import PartUnavailable

MIRROR_VARIABLE = "PBX_DEBIAN_MIRROR"
_KEYRINGS = tuple(
    Path("/usr/share/keyrings") / name for name in ("debian-archive-keyring.gpg", "debian-archive-keyring.pgp")
)
# Debian's own archive, not a vendor's repository *for* Debian: those have components of their own.
_DEBIAN_ARCHIVE = re.compile(r"(/debian/?|/mirrors/debian\.list)$")
_ONE_LINE = re.compile(r"^deb\s+(?:\[(?P<options>[^]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<components>.+)$")


@dataclass(frozen=True)
class Mirror:
    """A Debian archive and the keyring its lists are signed with."""

    uri: str
    keyring: Path

    def source(self, suite: str) -> str:
        """A deb822 source (sources.list(5)) for `suite` on this mirror."""
        return f"Types: deb\nURIs: {self.uri}\nSuites: {suite}\nComponents: main\nSigned-By: {self.keyring}\n"


def find_mirror(apt_folder: Path = Path("/etc/apt")) -> Mirror:
    """This machine's Debian mirror: `$PBX_DEBIAN_MIRROR`, else from its apt sources. PartUnavailable: there is none."""
    keyring = next((path for path in _KEYRINGS if path.exists()), None)
    if keyring is None:
        raise PartUnavailable("Debian's archive keys are missing: install the package debian-archive-keyring")
    uri = os.environ.get(MIRROR_VARIABLE) or next(_debian_uris(apt_folder), None)
    if uri is None:
        raise PartUnavailable(f"no Debian mirror in {apt_folder}: set {MIRROR_VARIABLE} to one's address")
    return Mirror(uri, keyring)


def _debian_uris(apt_folder: Path) -> Iterator[str]:
    parts = apt_folder / "sources.list.d"
    for path in sorted(parts.glob("*.sources")):
        for stanza in re.split(r"\n\s*\n", path.read_text()):
            yield from _from_stanza(stanza)
    for path in [apt_folder / "sources.list", *sorted(parts.glob("*.list"))]:
        if path.exists():
            for line in path.read_text().splitlines():
                yield from _from_line(line.strip())


def _from_stanza(stanza: str) -> Iterator[str]:
    fields = dict(re.findall(r"^([A-Za-z-]+):[ \t]*(.*)$", stanza, flags=re.MULTILINE))
    if fields.get("Enabled", "yes").strip().lower() == "no" or "main" not in fields.get("Components", "").split():
        return
    yield from (uri for uri in fields.get("URIs", "").split() if _DEBIAN_ARCHIVE.search(uri))


def _from_line(line: str) -> Iterator[str]:
    found = _ONE_LINE.match(line)
    if found and "main" in found["components"].split() and _DEBIAN_ARCHIVE.search(found["uri"]):
        yield found["uri"]
