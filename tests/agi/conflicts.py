"""What happens when two things want the same phone, agent or moment. The table is the test (`test_every_code.py`) and
the documentation: `python -m tests.agi.conflicts` writes `docs/dial-operations.md`.
"""

from pathlib import Path

from msgspec import Struct

from agi.sentences import SENTENCES
from dialplan.card import lines
from dialplan.codes import DialCodes
from pbx_bridge.core.directory import BUILT_IN

PAGE = Path(__file__).parents[2] / "docs/dial-operations.md"
A, B, NOBODY = "A", "B", "N"
"""Two agents and an account without agent use; each keys their own ID and password."""


class Conflict(Struct, frozen=True):
    """Phones are 1, 2 (agent A's and B's usual ones), 3 (nobody's) and 4 (never plugged in)."""

    before: str
    """In order: `A@1` signed in there, `B@2`, `A:break` chosen, `A talks` in a call, `1 unplugged`."""
    phone: int
    dials: str
    keys: str
    """At each question: `A` the ID and password of agent A, `=3` an extension, `!` a wrong password."""
    hears: str
    """The last sentences, by key."""
    then: str
    """At once, and (after `;`) when the call is over."""


TABLE = (
    Conflict("A@1", 2, "0010", "A", "signed-in-moved", "A available 2"),
    Conflict("A@1 A:break", 2, "0010", "A", "signed-in-moved", "A available 2"),
    Conflict("A@1", 1, "0010", "A", "signed-in", "A available 1"),
    Conflict("A@1 A:break", 1, "0010", "A", "signed-in", "A available 1"),
    Conflict("A@1", 1, "0010", "B", "terminal-in-use goodbye", "A available 1, B logged_off"),
    Conflict("A@1 A:away", 1, "0010", "B", "terminal-in-use goodbye", "A away 1, B logged_off"),
    Conflict("A@1 B@2", 2, "0012", "B =1", "terminal-in-use goodbye", "A available 1, B available 2"),
    Conflict("", 1, "0012", "A =4", "terminal-not-registered goodbye", "A logged_off"),
    Conflict("A@1", 3, "0012", "A =2", "signed-in-moved", "A available 2"),
    Conflict("", 1, "0010", "N", "not-an-agent goodbye", ""),
    Conflict("", 1, "0010", "! ! !", "wrong-credentials goodbye", "A logged_off"),
    Conflict("", 1, "0010", "! A", "signed-in", "A available 1"),
    Conflict("A@1 A talks", 2, "0010", "A", "call-in-progress goodbye", "A talking 1"),
    Conflict("A@1 A talks", 1, "0010", "B", "terminal-in-use goodbye", "A talking 1, B logged_off"),
    Conflict("A@1 A talks", 1, "0011", "", "sign-out-after-call", "A talking 1; A logged_off"),
    Conflict("A@1 A talks", 2, "0011", "A", "sign-out-after-call", "A talking 1; A logged_off"),
    Conflict("A@1 A talks", 1, "0023", "", "status-after-call status-3", "A talking 1; A break 1"),
    Conflict("A@1 A:break A talks", 1, "0021", "", "status-after-call status-1", "A talking 1; A available 1"),
    Conflict("A@1 A talks A:break", 1, "0021", "", "status-changed status-1", "A talking 1; A available 1"),
    Conflict("A@1 A talks A:break", 1, "0020", "", "status-after-call status-0", "A talking 1; A logged_off"),
    Conflict("A@1 A talks", 1, "0014", "", "hand-raised", "A talking 1; A available 1"),
    Conflict("A@1", 2, "0011", "A", "signed-out", "A logged_off"),
    Conflict("A@1", 1, "0011", "", "signed-out", "A logged_off"),
    Conflict("A@1", 2, "0023", "", "not-signed-in goodbye", "A available 1"),
    Conflict("A@1 1 unplugged", 2, "0010", "A", "signed-in-moved", "A available 2"),
    Conflict("A@1 1 unplugged", 2, "0011", "A", "signed-out", "A logged_off"),
    Conflict("A@1 1 unplugged", 2, "0012", "B =1", "terminal-not-registered goodbye", "A available 1, B logged_off"),
)


def page() -> str:
    """The documentation of dial operations, rendered."""
    return "\n".join([*_INTRODUCTION, *_codes(), *_CONFLICTS, *_conflicts(), *_KEYS]) + "\n"


_INTRODUCTION = (
    "# Dial operations",
    "",
    "Rendered by `python -m tests.agi.conflicts` from what is tested; changes here are lost.",
    "",
    "Every dialogue speaks the terminal's language, keys cut a prompt short, a question is asked three times, and",
    "every ending is spoken. With the bridge or the database away the caller hears «please try again later» within",
    "three seconds. The codes are the preset `biztel`; behind the mobile prefix `8` each does the same.",
    "",
    "| code | 日本語 | English |",
    "|---|---|---|",
)
_CONFLICTS = (
    "",
    "## When two things want the same",
    "",
    "A and B are agents, N is an account without agent use. Phones 1 and 2 are A's and B's usual ones, 3 is nobody's,",
    "4 was never plugged in. Each row is a call on a real phone in the tests.",
    "",
    "| | before | at phone | dials | keys | hears | is then | after the call |",
    "|---|---|---|---|---|---|---|---|",
)
_KEYS = (
    "",
    "## Keys with a lamp (BLF)",
    "",
    "- A key on a status code (`0023`) is lit while that status is on at this phone, whoever changed it.",
    "- A key on a colleague's extension is dark when they are free, blinks when their phone rings, is lit in a call,",
    "  and shows «on hold» while they are signed in and take no calls (break, away, after-call work, custom).",
    "- `*3` keyed within a call pauses its recording, and again resumes it: in a center's call, in one's own call, and",
    "  with a campaign's customer on the open line.",
    "",
    "## From a mobile or a phone at home",
    "",
    "An agent calls the sign-in number (`numbers` with the function `sign-in` in the provision) from an outside number",
    "that is listed there, and keys ID and password: that number is now the sign-in terminal. Its center's calls, and",
    "the open line of a call job joined from the web, ring it through the trunk; the status shows ringing, talking and",
    "after-call work as at a desk, and is otherwise changed from the web. The sign-out number (ID and password again),",
    "the web, or signing in elsewhere ends it. Keys within a call (`##`, `*2`, `*3`) work there too. Callers who are",
    "not listed find an unallocated number.",
    "",
    "Whoever answers such a call is asked to press 1, and nobody is put through before: a voice mail presses nothing.",
    "The customer waits on meanwhile, in their place, and is offered to the next agent or again. Give a center whose",
    "agents are out `ring_seconds` of 30: ringing, answering and the key have to fit into it.",
    "",
    "## Wrong passwords",
    "",
    "Five wrong tries lock the phone they come from, and the ID at all phones but its owner's (the account's terminal,",
    "and where they signed in within 30 days, which count by themselves): for a minute, then twice as long each time,",
    "up to an hour. Each lock is a row of the audit trail.",
    "",
    "## Measured",
    "",
    "On two cores that others were using at the same time (load 7 and more), real Asterisk, phones and PostgreSQL:",
    "",
    "- From the first key of `002x` until 40 open live sockets show the status: half within 0.06 s, 95 % within 0.11 s",
    "  (320 observations, `tests/lab/test_phone_to_browser.py`).",
    "- Asterisk killed and started again under 20 signed-in agents: `queue show` is the bridge's table within 3 s of",
    "  the link, whatever was changed meanwhile. 2,034 changes of status during 20 faults (bridge and Asterisk killed,",
    "  PostgreSQL restarted, AMI cut): board, database and app_queue agree 0.1 s after the last one, and each agent's",
    "  intervals add up to the shift to the millisecond (`tests/lab/test_shift.py`; the long version by",
    "  `PBX_TEST_STATUS_CHANGES=1000`).",
)


def _codes() -> list[str]:
    japanese, english = (lines(DialCodes(), BUILT_IN, language) for language in ("ja", "en"))
    return [f"| `{code}` | {ja} | {en} |" for (code, ja), (_, en) in zip(japanese, english, strict=True)]


def _conflicts() -> list[str]:
    return [_row(number, row) for number, row in enumerate(TABLE, 1)]


def _row(number: int, row: Conflict) -> str:
    now, _, later = row.then.partition(";")
    said = " ".join(SENTENCES[key].en if key in SENTENCES else "…" for key in row.hears.split())
    return (
        f"| {number} | {row.before or '–'} | {row.phone} | `{row.dials}` | {row.keys or '–'} | «{said}» "
        f"| {now or '–'} | {later.strip() or '–'} |"
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
