"""A real Asterisk >= 20: the machine's own, or one unpacked into the cache and run without root."""

from pbx_bridge.parts.asterisk_server.find import find_or_fetch
from pbx_bridge.parts.asterisk_server.install import AsteriskInstall
from pbx_bridge.parts.asterisk_server.instance import RunningAsterisk, start

__all__ = ["AsteriskInstall", "RunningAsterisk", "find_or_fetch", "start"]
