"""Journal files as Asterisk writes them: one CSV line a record, appended in one write."""

from collections.abc import Mapping
from pathlib import Path

from dialplan.journal import CDR_COLUMNS, CDR_FILE, CEL_COLUMNS, CEL_FILE

T0 = 1_790_000_000.25
_CDR = {
    "boot": "boot",
    "sequence": "1",
    "started_at": f"{T0:.6f}",
    "answered_at": f"{T0 + 3:.6f}",
    "ended_at": f"{T0 + 63:.6f}",
    "duration": "63",
    "billsec": "60",
    "disposition": "ANSWERED",
    "src": "+819011112222",
    "dst": "7000",
    "context": "from-carrier",
    "channel": "PJSIP/carrier-00000001",
}


def quoted(words: list[str]) -> bytes:
    """What `CSV_QUOTE` makes of each."""
    return (",".join('"' + word.replace('"', '""') + '"' for word in words) + "\n").encode()


def cdr_line(uniqueid: str, more: Mapping[str, str] | None = None) -> bytes:
    values = {**_CDR, "uniqueid": uniqueid, "linkedid": uniqueid, **(more or {})}
    return quoted([values.get(name, "") for name, _ in CDR_COLUMNS])


def cel_line(event: str, uniqueid: str, at: float, more: Mapping[str, str] | None = None) -> bytes:
    values = {
        "boot": "boot",
        "uniqueid": uniqueid,
        "linkedid": uniqueid,
        "at": f"{at:.6f}",
        "event": event,
        **(more or {}),
    }
    return quoted([values.get(name, "") for name, _ in CEL_COLUMNS])


class Books:
    """Asterisk's log folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cdr, self.cel = folder / CDR_FILE, folder / CEL_FILE
        self.cdr.parent.mkdir(parents=True)
        self.cel.parent.mkdir(parents=True)

    def add(self, *lines: bytes) -> None:
        """Calls' records."""
        with self.cdr.open("ab") as file:
            file.writelines(lines)

    def tell(self, *lines: bytes) -> None:
        """Channels' events."""
        with self.cel.open("ab") as file:
            file.writelines(lines)
