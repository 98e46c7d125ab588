"""The simulated carrier while it runs: places calls to centers, answers campaigns' calls, and keeps its own book."""

import asyncio
import csv
import itertools
from dataclasses import dataclass
from pathlib import Path

from pbx_bridge.parts import asterisk

from .carrier_config import CarrierPlace, write_config


@dataclass(frozen=True)
class BookedCall:
    """One line of the carrier's book: what the network outside saw."""

    inbound: bool
    """Towards the call center."""
    dialed: str
    caller: str
    answered: bool
    started_at: float
    """Epoch seconds."""
    talked: float
    """Seconds from answer to end."""

    @property
    def customer(self) -> str:
        """The number outside."""
        return self.caller if self.inbound else self.dialed


class Carrier:
    """Use `await Carrier.start(…)`; `stop` ends it and every call through it."""

    def __init__(self, running: asterisk.RunningAsterisk, folder: Path) -> None:
        self._asterisk = running
        self._folder = folder
        self._names = itertools.count(1)
        self.placed = 0
        """Calls placed towards the call center since the start."""

    @classmethod
    async def start(cls, install: asterisk.AsteriskInstall, place: CarrierPlace, folder: Path) -> "Carrier":
        """Its files live below `folder`; raises `PartUnavailable`."""
        write_config(place, folder / "etc")
        (folder / "drafts").mkdir(exist_ok=True)
        (folder / "log" / "cdr-custom").mkdir(parents=True, exist_ok=True)  # cdr_custom does not make it
        running = await asyncio.to_thread(asterisk.start, install, folder / "etc", folder)
        return cls(running, folder)

    async def stop(self) -> None:
        await asyncio.to_thread(self._asterisk.stop, 5.0)

    def call(self, number: str, caller: str, seconds: float) -> None:
        """A customer dials a center and stays at most `seconds` from being answered (waiting counts).

        By a call file (https://docs.asterisk.org, Asterisk Call Files): written aside, then moved, since Asterisk
        reads a file as soon as it appears.
        """
        draft = self._folder / "drafts" / f"{next(self._names)}.call"
        draft.write_text(
            f"Channel: PJSIP/{number}@pbx\nCallerID: <{caller}>\nAccount: in-{number}\nMaxRetries: 0\nWaitTime: 45\n"
            f"Context: customer\nExtension: {max(1, round(seconds))}\nPriority: 1\n"
        )
        draft.rename(self._asterisk.spool_dir / "outgoing" / draft.name)
        self.placed += 1

    def hang_up_all(self) -> None:
        """Every customer hangs up now."""
        self._asterisk.console("channel request hangup all")

    def calls_up(self) -> int:
        """How many calls stand now."""
        said = self._asterisk.console("core show channels count")
        return int(said.split(" active channel")[0].rsplit("\n", 1)[-1] or 0) if " active channel" in said else 0

    def book(self) -> list[BookedCall]:
        """Every finished call since the folder was made."""
        path = self._asterisk.log_dir / "cdr-custom" / "book.csv"
        if not path.exists():
            return []
        with path.open(newline="") as lines:
            return [_booked(row) for row in csv.reader(lines) if len(row) == 7]


def _booked(row: list[str]) -> BookedCall:
    account, caller, started, answer, _, disposition, seconds = row
    direction, _, dialed = account.partition("-")
    return BookedCall(
        inbound=direction == "in",
        dialed=dialed,
        caller=caller,
        answered=disposition == "ANSWERED" and bool(answer),
        started_at=float(started or 0),
        talked=float(seconds or 0),
    )
