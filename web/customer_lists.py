"""A customer list as CSV (UTF-8, with or without byte order mark, or Japanese Windows' Shift_JIS) read into leads."""

import csv
import io
from collections.abc import Iterator
from typing import Protocol

from pbx_bridge.ports.campaigns import LeadError, NewLead


class _Reader(Protocol):
    """csv.reader's own type has no public name."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...


NUMBER = ("number", "phone", "tel", "電話番号", "電話")
NAME = ("name", "名前", "氏名", "顧客名")
ZONE = ("zone", "timezone", "タイムゾーン")
MAX_ROWS = 200_000


def read_leads(raw: bytes) -> tuple[list[NewLead], list[LeadError]]:
    """Leads and the lines that cannot be any. Raises ValueError when it is no customer list at all."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("cp932")
        except UnicodeDecodeError as wrong:
            raise ValueError("neither UTF-8 nor Shift_JIS") from wrong
    rows = csv.reader(io.StringIO(text), strict=True)
    try:
        header = [name.strip().lower() for name in next(rows, [])]
        number = next((index for index, name in enumerate(header) if name in NUMBER), None)
        if number is None:
            raise ValueError(f"no column {NUMBER[0]} in the first line")
        return _leads(rows, header, number)
    except csv.Error as wrong:
        raise ValueError(f"not CSV: line {rows.line_num}: {wrong}") from wrong


def _leads(rows: "_Reader", header: list[str], number: int) -> tuple[list[NewLead], list[LeadError]]:
    leads: list[NewLead] = []
    errors: list[LeadError] = []
    name = next((index for index, column in enumerate(header) if column in NAME), None)
    zone = next((index for index, column in enumerate(header) if column in ZONE), None)
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if len(leads) >= MAX_ROWS:
            raise ValueError(f"more than {MAX_ROWS} lines")
        if number >= len(row) or not row[number].strip():
            errors.append(LeadError(rows.line_num, "number", "missing", ",".join(row)[:200]))
            continue
        special = {number, name, zone}
        leads.append(
            NewLead(
                number=row[number].strip(),
                name=_at(row, name),
                zone=_at(row, zone) or "Asia/Tokyo",
                fields={header[i]: cell for i, cell in enumerate(row[: len(header)]) if i not in special and cell},
                line=rows.line_num,
            )
        )
    return leads, errors


def _at(row: list[str], index: int | None) -> str:
    return row[index].strip() if index is not None and index < len(row) else ""
