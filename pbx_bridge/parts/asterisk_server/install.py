"""What is known of an Asterisk on this machine."""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

OLDEST = (20,)
_VERSION = re.compile(r"^Asterisk (?:certified[-/])?(\d+(?:\.\d+)*)", re.MULTILINE)


@dataclass(frozen=True)
class AsteriskInstall:
    """An Asterisk that can be started."""

    version: tuple[int, ...]
    command: tuple[str, ...]
    """The start of its command line; options follow."""
    root: Path
    """`/` for the machine's own, else the folder it was unpacked into."""
    modules_dir: Path
    data_dir: Path
    """Has `documentation/`, which the modules' configuration is checked against."""
    sounds_dir: Path
    """Has one folder a language."""

    @property
    def version_text(self) -> str:
        """The version as Asterisk writes it: `22.10.1`."""
        return ".".join(map(str, self.version))


def ask_version(command: Sequence[str]) -> tuple[int, ...] | None:
    """The version that `command -V` states; None: it does not run or is no Asterisk."""
    try:
        done = subprocess.run([*command, "-V"], capture_output=True, text=True, check=False, timeout=30)
    except OSError:
        return None
    found = _VERSION.search(done.stdout)
    return tuple(map(int, found[1].split("."))) if found else None
