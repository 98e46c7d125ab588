"""Where a call's recording lies. A name is made from an id and a day, never from anything a user typed."""

import re
from datetime import date
from pathlib import PurePosixPath
from typing import Final, Literal

Kind = Literal["flac", "dat"]
_ID: Final = re.compile(r"[0-9a-z]{1,40}")
_NAME: Final = re.compile(r"[0-9]{4}/[0-9]{2}/[0-9]{2}/[0-9a-z]{1,40}\.(flac|dat)")


class BadName(ValueError):
    """Not a name of ours: to a browser the same as not there."""


def name_of(call: str, day: date, kind: Kind) -> str:
    """The name below the vault: `2026/11/22/k3f9….flac`. `day` is the one the call began on, in UTC.

    Raises `BadName` for what is no call id (lower-case letters and digits): no id can climb out of the vault.
    """
    if _ID.fullmatch(call) is None:
        raise BadName("not the id of a call")
    return f"{day:%Y/%m/%d}/{call}.{kind}"


def spool_name(call: str) -> str:
    """The file the recorder writes, below the spool directory. Raises `BadName` as `name_of`."""
    if _ID.fullmatch(call) is None:
        raise BadName("not the id of a call")
    return f"{call}.raw"


def checked(name: str) -> PurePosixPath:
    """A name below the vault that came back from elsewhere, if it is one of ours. Raises `BadName`."""
    if _NAME.fullmatch(name) is None:
        raise BadName("not the name of a recording")
    return PurePosixPath(name)
