"""Where a call's recording lies. A name is made from an id and a day, never from anything a user typed."""

import re
from datetime import date
from pathlib import PurePosixPath
from typing import Final, Literal

Kind = Literal["flac", "dat"]
_ID: Final = re.compile(r"[0-9a-z]{1,40}")
_NAME: Final = re.compile(r"[0-9]{4}/[0-9]{2}/[0-9]{2}/[0-9a-z]{1,40}\.(flac|dat)|exports/[0-9a-z]{1,40}\.zip")


class BadName(ValueError):
    """Not a name of ours: to a browser the same as not there."""


def name_of(call: str, day: date, kind: Kind) -> str:
    """The name below the vault: `2026/11/22/k3f9….flac`. `day` is the one the call began on, in UTC.

    Raises `BadName` for what is no call id (lower-case letters and digits): no id can climb out of the vault.
    """
    return f"{day:%Y/%m/%d}/{_checked_id(call)}.{kind}"


def peaks_of(name: str) -> str:
    """The name of a recording's finest peaks."""
    return name.removesuffix(".flac") + ".dat"


def export_name(export: str) -> str:
    """The name of an archive below the vault. Raises `BadName` as `name_of`."""
    return f"exports/{_checked_id(export)}.zip"


def checked(name: str) -> PurePosixPath:
    """A name below the vault that came back from elsewhere, if it is one of ours. Raises `BadName`."""
    if _NAME.fullmatch(name) is None:
        raise BadName("not the name of a recording")
    return PurePosixPath(name)


def _checked_id(id: str) -> str:
    if _ID.fullmatch(id) is None:
        raise BadName("not an id of ours")
    return id
