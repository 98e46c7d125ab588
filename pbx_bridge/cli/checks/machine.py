"""This machine: folders and room on the disk, prompts, clock."""

import ctypes
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path

from pbx_bridge.core.errors import Misconfigured
from pbx_bridge.settings import Settings

from .finding import Finding, ok, problem, warning

_GIGABYTE = 1_000_000_000
_TIGHT, _COMFORTABLE = 1 * _GIGABYTE, 5 * _GIGABYTE
# adjtimex(2): the kernel's clock is not disciplined by anybody.
_TIME_ERROR = 5


async def look(settings: Settings) -> AsyncIterator[Finding]:
    for finding in (*_folders(settings), *_provision(settings), *_prompts(settings), _clock()):
        yield finding


def _folders(settings: Settings) -> Iterator[Finding]:
    kept = settings.recordings
    yield _readable("Asterisk's CDR and CEL files", settings.journal.directory)
    yield from _writable("recording spool", kept.spool)
    if settings.s3 is None:
        yield from _writable("recording vault", kept.vault)
    else:
        yield _bucket(settings)


def _readable(place: str, folder: Path) -> Finding:
    if not folder.is_dir():
        return problem(place, f"{folder} does not exist", "set [journal] directory to Asterisk's log folder")
    if not os.access(folder, os.R_OK | os.X_OK):
        return problem(place, f"{folder} cannot be read", "add this user to Asterisk's group")
    return ok(place, str(folder))


def _writable(place: str, folder: Path) -> Iterator[Finding]:
    if not folder.is_dir():
        yield problem(place, f"{folder} does not exist", f"create it, writable for Asterisk and this user: {folder}")
        return
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield problem(
            place, f"{folder} is not writable", "give this user (and Asterisk, for the spool) the right to write"
        )
        return
    free = shutil.disk_usage(folder).free
    seen = f"{folder}, {free / _GIGABYTE:.1f} GB free"
    if free < _TIGHT:
        yield problem(place, seen, "make room: a full disk ends recordings silently (a stereo hour needs about 0.1 GB)")
    elif free < _COMFORTABLE:
        yield warning(place, seen, "make room soon: a full disk ends recordings silently")
    else:
        yield ok(place, seen)


def _bucket(settings: Settings) -> Finding:
    from pbx_bridge.app_recordings import open_vault

    try:
        open_vault(settings)
    except Misconfigured as wrong:
        return problem("recording vault", str(wrong), "set [s3] endpoint, bucket and keys to what the server knows")
    return ok("recording vault", "the bucket answers")


def _provision(settings: Settings) -> Iterator[Finding]:
    from pbx_bridge.app_provision import read_provision

    if settings.provision is None:
        return
    try:
        provision = read_provision(settings)
    except Misconfigured as wrong:
        yield problem("provision", str(wrong), "mend the line it names, then `pbx-bridge reload`")
        return
    assert provision is not None
    last = provision.holiday_years[1]
    if any(plan.calendar is not None for plan in provision.centers) and date.today().year >= last:
        yield warning(
            "provision",
            f"its calendars know no national holidays after {last}",
            "raise holiday_years, then `pbx-bridge reload`",
        )
    else:
        yield ok("provision", f"{settings.provision.file}, {len(provision.centers)} centers")


def _prompts(settings: Settings) -> Iterator[Finding]:
    if settings.prompts is None:
        return
    from agi.prompts import missing, own_sentences
    from pbx_bridge.app_provision import read_provision

    try:
        provision = read_provision(settings)
    except Misconfigured:
        provision = None  # told already
    lacking = missing(settings.prompts.directory, own_sentences(provision) if provision is not None else None)
    if lacking:
        example = f"{len(lacking)} sounds are missing, the first is {lacking[0]}"
        file = f" --provision {settings.provision.file}" if provision is not None and settings.provision else ""
        yield problem("prompts", example, f"run `python -m agi.prompts build{file} {settings.prompts.directory}`")
    else:
        yield ok("prompts", str(settings.prompts.directory))


def _clock() -> Finding:
    libc = ctypes.CDLL(None, use_errno=True)
    timex = ctypes.create_string_buffer(512)  # struct timex, modes = 0: only asks
    state = libc.adjtimex(timex)
    if state == _TIME_ERROR:
        return warning(
            "clock", "not synchronised", "run chrony or systemd-timesyncd: calling windows follow this clock"
        )
    if state < 0:
        return warning("clock", "its state cannot be read", "make sure that a time service keeps it")
    return ok("clock", "synchronised")
