"""Who and what there is, as the administrator set it up: read from the database, given to the switchboard whole."""

from datetime import time
from typing import Literal

from msgspec import Struct, field

from . import contexts
from .ids import AgentId, CampaignId, CenterId, JobId, TerminalId
from .numbering import Numbering

Language = Literal["ja", "en"]
Mode = Literal["progressive", "predictive", "multiplier"]


class Terminal(Struct, frozen=True):
    """電話端末: a PJSIP endpoint and its extension. `outside`: a mobile or a phone at home, whose number stands for the
    extension and whose endpoint leads through a trunk."""

    id: TerminalId
    extension: str
    endpoint: str
    language: Language = "ja"
    outside: bool = False

    @property
    def device(self) -> str:
        """The phone itself."""
        return f"PJSIP/{self.endpoint}"

    @property
    def interface(self) -> str:
        """What app_queue rings: a phone that is not ours is asked first, as its voice mail answers too."""
        return f"Local/{self.extension}@{contexts.ASK_FIRST}" if self.outside else self.device

    @property
    def line_context(self) -> str:
        """Where a call to the phone becomes the open line."""
        return contexts.ASKED_LINE if self.outside else contexts.LINE


class Agent(Struct, frozen=True):
    id: AgentId
    login: str
    name: str


class Status(Struct, frozen=True, forbid_unknown_fields=True):
    """ステータス that a person may choose; `digit` is the last digit of 0020–0029 and the key in 0013."""

    key: str
    digit: int
    ja: str
    en: str
    productive: bool = False
    max_seconds: float | None = None


AVAILABLE = "available"
WRAP_UP = "wrap_up"
BREAK = "break"
AWAY = "away"
LOGGED_OFF = "logged_off"

BUILT_IN = (
    Status(LOGGED_OFF, 0, "ログオフ", "Logged off"),
    Status(AVAILABLE, 1, "受付可", "Available", productive=True),
    Status(WRAP_UP, 2, "後作業", "After-call work", productive=True),
    Status(BREAK, 3, "休憩中", "Break"),
    Status(AWAY, 4, "離席中", "Away"),
)


class Membership(Struct, frozen=True):
    agent: AgentId
    penalty: int = 0


class Center(Struct, frozen=True, forbid_unknown_fields=True):
    """センター: an inbound queue. Times in seconds."""

    id: CenterId
    name: str
    extension: str
    number: str
    members: tuple[Membership, ...] = ()
    wrap_up_seconds: float = 15.0
    service_level_seconds: float = 20.0
    priority: int = 0
    recording: bool = True
    strategy: str = "leastrecent"
    numbers: tuple[str, ...] = ()
    """Every number that leads to it; `number` is the one that is shown."""
    keep_days: int | None = None
    """How long its recordings are kept; None: as the settings say for all."""

    @property
    def queue(self) -> str:
        """The name of the Asterisk queue."""
        return f"center-{self.extension}"


class Window(Struct, frozen=True):
    """When a lead may be called, in the lead's own zone; weekdays as ISO numbers, 1 = Monday."""

    weekdays: frozenset[int] = frozenset(range(1, 8))
    opens: time = time(9, 0)
    closes: time = time(20, 0)
    holidays: bool = False
    """Whether national holidays (Japan's) are calling days too."""


class Rule(Struct, frozen=True):
    """発信ルール: what no dial of the campaign may break, and how a result is tried again (minutes)."""

    window: Window = Window()
    ring_seconds: float = 25.0
    max_attempts: int = 3
    max_per_number_per_day: int = 3
    retry_minutes: dict[str, float] = field(default_factory=lambda: {"busy": 15.0, "no_answer": 60.0, "failed": 30.0})
    calls_per_second: float = 5.0
    max_channels: int = 60
    drop_cap: float = 0.03
    grace_seconds: float = 2.0
    multiplier: float = 1.0


class Job(Struct, frozen=True):
    """コールジョブ: an extraction of a campaign's leads and the dial group that works it."""

    id: JobId
    campaign: CampaignId
    name: str
    mode: Mode
    rule: Rule
    members: tuple[AgentId, ...]
    caller_number: str
    caller_name: str
    trunk: str = "carrier"
    wrap_up_seconds: float = 10.0
    recording: bool = True


class Directory(Struct, frozen=True):
    """All of it at one moment."""

    terminals: tuple[Terminal, ...] = ()
    agents: tuple[Agent, ...] = ()
    centers: tuple[Center, ...] = ()
    jobs: tuple[Job, ...] = ()
    statuses: tuple[Status, ...] = BUILT_IN
    service_numbers: frozenset[str] = frozenset()
    """Delivered numbers that lead to a dial operation (sign in, sign out): who calls them is nobody's customer."""
    numbering: Numbering = Numbering()
    recording_pause_seconds: float = 120.0
    """A paused recording goes on by itself after so long."""
