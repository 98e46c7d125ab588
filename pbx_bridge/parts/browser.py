"""A Chromium for Playwright's `executable_path`, with a font that has Japanese letters."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from pbx_bridge.parts.apt import Progress
from pbx_bridge.parts.tools import Program, find_program, find_tree

_FONT_PACKAGE = "fonts-ipafont-gothic"
_ARGUMENTS = (
    "--no-sandbox",  # it runs as root in CI and sees our own pages only
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
)
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>{root}/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
</fontconfig>
"""


@dataclass(frozen=True)
class Browser:
    """What Playwright's `chromium.launch(executable_path=…, env=…, args=…)` needs."""

    executable: Path
    environment: dict[str, str]
    arguments: tuple[str, ...]


def find_browser(progress: Progress) -> Browser:
    """A Chromium that runs and can show Japanese. PartUnavailable: none can be had; the line says how to get one."""
    program = find_program(
        ["chromium", "chromium-browser", "google-chrome"],
        "chromium",
        "usr/lib/chromium/chromium",
        "--version",
        progress,
    )
    fonts = {} if _shows_japanese() else {"FONTCONFIG_FILE": str(_font_configuration(progress))}
    return Browser(program.path, Program(program.path, {**program.extra, **fonts}).environment(), _ARGUMENTS)


def _shows_japanese() -> bool:
    if shutil.which("fc-list") is None:
        return False
    listed = subprocess.run(["fc-list", ":lang=ja"], capture_output=True, check=False, timeout=30)
    return bool(listed.stdout.strip())


def _font_configuration(progress: Progress) -> Path:
    root = find_tree(_FONT_PACKAGE, progress)
    configuration = root / "fonts.conf"
    configuration.write_text(_FONTS.format(root=root))
    return configuration
