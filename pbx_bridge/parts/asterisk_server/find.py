"""Which Asterisk to use: the machine's own where it will do, else the cached one, else it is fetched."""

import os

from pbx_bridge.parts.apt import Progress
from pbx_bridge.parts.asterisk_server import private, system
from pbx_bridge.parts.asterisk_server.install import OLDEST, AsteriskInstall
from pbx_bridge.parts.errors import PartUnavailable

CHOICE_VARIABLE = "PBX_ASTERISK"


def find_or_fetch(progress: Progress) -> AsteriskInstall:
    """An Asterisk >= 20 that can be started; `$PBX_ASTERISK` is `system`, `private` or a program's path.

    PartUnavailable, one line: none can be had here, and how to get one.
    """
    choice = os.environ.get(CHOICE_VARIABLE, "")
    if choice == "private":
        return private.cached() or private.fetch(progress)
    if choice:
        return _demanded("asterisk" if choice == "system" else choice)
    own = system.describe("asterisk")
    if own is not None and own.version >= OLDEST:
        return own
    return private.cached() or _fetched(progress)


def _demanded(program: str) -> AsteriskInstall:
    install = system.describe(program)
    if install is None:
        raise PartUnavailable(
            f"{CHOICE_VARIABLE}: {program} is no Asterisk with modules, documentation and English sounds"
        )
    if install.version < OLDEST:
        raise PartUnavailable(
            f"{CHOICE_VARIABLE}: {program} is {install.version_text}, but {OLDEST[0]} or newer is needed"
        )
    return install


def _fetched(progress: Progress) -> AsteriskInstall:
    try:
        return private.fetch(progress)
    except PartUnavailable as failure:
        raise PartUnavailable(f"Asterisk: {failure}; or install Asterisk {OLDEST[0]} or newer") from failure
