"""What the web is given when it is built, and what one visit knows."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, Self

from aiohttp import web
from msgspec import Struct

from dialplan.codes import DialCodes
from dialplan.provision import PAUSE_KEY
from pbx_bridge.core.directory import BUILT_IN, Language, Status
from pbx_bridge.ports.accounts import Account, Accounts, AuditTrail, Lockouts, Session, Sessions
from pbx_bridge.ports.alarms import Alarms
from pbx_bridge.ports.callbacks import Callbacks
from pbx_bridge.ports.campaigns import Campaigns
from pbx_bridge.ports.centers import Centers
from pbx_bridge.ports.engine import Engine
from pbx_bridge.ports.history import Histories
from pbx_bridge.ports.icons import Icons
from pbx_bridge.ports.recording_exports import Exports
from pbx_bridge.ports.recording_marks import Marks
from pbx_bridge.ports.recordings import Holds, Recordings
from pbx_bridge.ports.redials import Redials


class Prover(Protocol):
    """Proves secrets in a bounded pool of threads; `verify` with no hash costs the same time."""

    async def hash(self, secret: str) -> str: ...
    async def verify(self, hash: str | None, secret: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class WebPorts:
    """Everything outside that the web talks to."""

    engine: Engine
    accounts: Accounts
    sessions: Sessions
    lockouts: Lockouts
    histories: Histories
    campaigns: Campaigns
    audit: AuditTrail
    recordings: Recordings
    holds: Holds
    marks: Marks
    exports: Exports
    icons: Icons
    centers: Centers
    callbacks: Callbacks
    redials: Redials
    alarms: Alarms
    prover: Prover


class WebSettings(Struct, frozen=True, kw_only=True):
    """`secure`: browsers reach us by https. `origins`: accepted values of the Origin header (`https://host[:port]`);
    none means the host the browser itself names. Seconds and days as the names say."""

    secure: bool = False
    origins: tuple[str, ...] = ()
    idle_seconds: float = 3600.0
    zone: str = "Asia/Tokyo"
    statuses: tuple[Status, ...] = BUILT_IN
    codes: DialCodes = DialCodes()
    pause_key: str = PAUSE_KEY
    password_days: int = 90
    language: Language = "ja"
    static: Path = Path(__file__).parent / "static"
    socket_bytes: int = 512 * 1024
    """A live socket with more than this unsent is dropped."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request by one person; `session` is None only where a route is open to anyone."""

    request: web.Request
    ports: WebPorts
    settings: WebSettings
    session: Session | None
    token_hash: bytes | None
    by: Literal["cookie", "bearer", "nobody"]

    @property
    def account(self) -> Account:
        """Who asks. Only for routes that name roles."""
        assert self.session is not None, "a route without roles asked who is there"
        return self.session.account

    @property
    def origin(self) -> str:
        """The address the visit came from, for lockouts and the audit trail."""
        return self.request.remote or "unknown"

    @classmethod
    def nobody(cls, request: web.Request) -> Self:
        return cls(request, request.app[PORTS], request.app[SETTINGS], None, None, "nobody")


Handler = Callable[[Visit], Awaitable[web.StreamResponse]]

PORTS = web.AppKey("ports", WebPorts)
SETTINGS = web.AppKey("settings", WebSettings)
