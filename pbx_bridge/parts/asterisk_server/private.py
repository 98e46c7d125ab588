"""Asterisk 22 LTS from a newer Debian suite, unpacked into the cache and run through its own dynamic loader.

Neither chroot nor mount nor namespace: `ld.so --library-path ROOT/… asterisk` (ld.so(8)) takes every library from the
unpacked tree, also for modules loaded later, while scripts that Asterisk executes run on the machine itself.
"""

import os
import platform
import subprocess
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pbx_bridge.parts.apt import Package, PrivateApt, Progress
from pbx_bridge.parts.apt_sources import find_mirror
from pbx_bridge.parts.asterisk_server.install import OLDEST, AsteriskInstall, ask_version
from pbx_bridge.parts.cache import appearing_whole, cache_home, cache_lock
from pbx_bridge.parts.debian import unpack
from pbx_bridge.parts.errors import PartUnavailable

SUITE_VARIABLE = "PBX_ASTERISK_SUITE"
_PACKAGES = ("asterisk", "asterisk-modules", "asterisk-core-sounds-en-wav")
_LAYOUT = 1  # part of the cache's folder name: raise it when what is unpacked changes
# Maintainer scripts never run here, and some modules' heavy libraries serve nothing a call center asks for (SNMP, fax,
# TDS, calendars, JACK, Lua, Codec 2): two fifths of the download. Modules that then miss a library are left out.
_UNWANTED = (
    "adduser", "base-passwd", "debconf", "dirmngr", "freetds-common", "gnupg", "gpg", "libcodec2", "libgmime",
    "libgpgme", "libical3", "libicu", "libjack", "liblua", "libneon", "libpam", "libpci", "libperl", "libportaudio",
    "libsamplerate", "libsemanage", "libsensors", "libsepol", "libsnmp", "libspandsp", "libsybdb", "libc-gconv",
    "login.defs", "passwd", "pci.ids", "perl", "pinentry", "tzdata",
)  # fmt: skip
_LOADERS = {
    "x86_64": ("x86_64-linux-gnu", "ld-linux-x86-64.so.2"),
    "aarch64": ("aarch64-linux-gnu", "ld-linux-aarch64.so.1"),
}
_NEEDED_MODULES = (
    "app_amd", "app_chanspy", "app_dial", "app_mixmonitor", "app_originate", "app_queue", "cdr_custom", "cel_custom",
    "chan_pjsip", "codec_ulaw", "format_wav", "pbx_config", "res_agi", "res_pjsip", "res_rtp_asterisk",
)  # fmt: skip


def cached() -> AsteriskInstall | None:
    """The Asterisk in the cache, if any; asks nobody."""
    return _describe(_cached_root()) if platform.machine() in _LOADERS else None


def fetch(progress: Progress) -> AsteriskInstall:
    """Fetch and unpack it into the cache unless it is there. PartUnavailable: no apt, no mirror, no such packages."""
    if platform.machine() not in _LOADERS:
        raise PartUnavailable(f"no ready-made Asterisk for {platform.machine()}: install Asterisk {OLDEST[0]} or newer")
    with cache_lock("asterisk"):
        return cached() or _fetch(progress)


def _cached_root() -> Path:
    return cache_home() / f"asterisk-{_suite()}-{_LAYOUT}-{platform.machine()}"


def _suite() -> str:
    return os.environ.get(SUITE_VARIABLE, "forky")


def _fetch(progress: Progress) -> AsteriskInstall:
    mirror = find_mirror()
    with tempfile.TemporaryDirectory(prefix=".apt-", dir=cache_home()) as scratch:
        work = Path(scratch)
        apt = PrivateApt(work, mirror, _suite())
        progress(f"Asterisk: reading the package lists of Debian {_suite()}")
        apt.update()
        packages = [package for package in apt.closure(_PACKAGES) if _wanted(package)]
        archives = apt.download(packages, work / "archives", lambda line: progress(f"Asterisk: {line}"))
        return _unpack(archives, progress)


def _wanted(package: Package) -> bool:
    return not package.name.startswith(_UNWANTED)


def _unpack(archives: Sequence[Path], progress: Progress) -> AsteriskInstall:
    progress(f"Asterisk: unpacking {len(archives)} packages")
    with appearing_whole(_cached_root()) as root:
        unpack(archives, root)
        _name_default_language(root)
        _drop_modules_without_libraries(root)
        _require_modules(root)
        if _describe(root) is None:
            raise PartUnavailable("Debian's Asterisk does not run from a folder of its own here")
    install = cached()
    assert install is not None
    return install


def _library_dir(root: Path) -> Path:
    return root / "usr/lib" / _LOADERS[platform.machine()][0]


def _loader(root: Path) -> tuple[str, ...]:
    libraries = _library_dir(root)
    return (str(libraries / _LOADERS[platform.machine()][1]), "--library-path", str(libraries))


def _command(root: Path) -> tuple[str, ...]:
    return (*_loader(root), "--argv0", "asterisk", str(root / "usr/sbin/asterisk"))


def _describe(root: Path) -> AsteriskInstall | None:
    modules, data = _library_dir(root) / "asterisk/modules", root / "usr/share/asterisk"
    version = ask_version(_command(root))
    if version is None or version < OLDEST or not (modules.is_dir() and (data / "documentation").is_dir()):
        return None
    return AsteriskInstall(version, _command(root), root, modules, data, data / "sounds")


def _name_default_language(root: Path) -> None:
    # Debian links a voice to its language in the package's postinst, which never runs here.
    sounds = root / "usr/share/asterisk/sounds"
    for voice in sorted(sounds.glob("[a-z][a-z]_*_*_*")):
        language = sounds / voice.name[:2]
        if not language.exists():
            language.symlink_to(voice.name)


def _drop_modules_without_libraries(root: Path) -> None:
    modules = sorted((_library_dir(root) / "asterisk/modules").glob("*.so"))
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as workers:
        for module, loads in zip(modules, workers.map(lambda path: _loads(root, path), modules), strict=True):
            if not loads:
                module.unlink()


def _loads(root: Path, module: Path) -> bool:
    done = subprocess.run(
        [*_loader(root), "--list", str(module)], capture_output=True, text=True, check=False, timeout=30
    )
    return done.returncode == 0 and "not found" not in done.stdout


def _require_modules(root: Path) -> None:
    folder = _library_dir(root) / "asterisk/modules"
    missing = [name for name in _NEEDED_MODULES if not (folder / f"{name}.so").exists()]
    if missing:
        raise PartUnavailable(f"Debian's Asterisk lacks the modules {', '.join(missing)}: install Asterisk yourself")
