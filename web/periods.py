"""Periods as people and programs write them: half-open, in the center's zone unless they name one."""

import re
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct, field

from .problems import FieldError, Problem

_MIDNIGHT = re.compile(r"^(\d{4}-\d\d-\d\d)[T ]24:00(:00)?$")


class PeriodQuery(Struct, frozen=True, kw_only=True):
    """`from` and `to`: RFC 3339 times, or dates and local times of the center's zone; `[from, to)`, 24:00 allowed."""

    since: str | None = field(name="from", default=None)
    until: str | None = field(name="to", default=None)
    cursor: str | None = None
    limit: Annotated[int, Meta(ge=1, le=500)] = 50


def moment(text: str | None, zone: str, name: str) -> datetime | None:
    """Raises Problem `invalid` at the field `name`. A plus sign that arrived as a space is one again."""
    if not text:
        return None
    try:
        if midnight := _MIDNIGHT.match(text):
            return (datetime.fromisoformat(midnight[1]) + timedelta(days=1)).replace(tzinfo=ZoneInfo(zone))
        at = datetime.fromisoformat(re.sub(r" (\d\d:\d\d)$", r"+\1", text) if "T" in text else text)
    except (ValueError, OverflowError) as wrong:
        raise Problem("invalid", errors=(FieldError(name, "not a time"),)) from wrong
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


def period(asked: PeriodQuery, zone: str) -> tuple[datetime | None, datetime | None]:
    """`[since, until)`. Raises Problem `invalid` when it ends before it begins."""
    since, until = moment(asked.since, zone, "from"), moment(asked.until, zone, "to")
    if since and until and until < since:
        raise Problem("invalid", errors=(FieldError("to", "before from"),))
    return since, until
