"""Numbers for dial operations from outside, and the outside numbers that may call them and be worked from."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from dialplan.outside import Line
from dialplan.provision import InboundNumber
from pbx_bridge.core.contexts import outside_endpoint
from pbx_bridge.core.numbering import Numbering

from .statements import statements

if TYPE_CHECKING:
    from .pool import Connection

SQL = statements("outside_numbers")


async def write_numbering(connection: "Connection", numbering: Numbering) -> None:
    """How numbers are written in this country."""
    values = (numbering.country_code, numbering.trunk_prefix, list(numbering.international_prefixes))
    await connection.execute(SQL["numbering"], *values)


async def write_numbers(connection: "Connection", numbers: Collection[InboundNumber], lines: Collection[Line]) -> None:
    """Exactly these and no others, in one transaction; who works from a line that is gone is signed out."""
    services = [number for number in numbers if number.function in ("sign-in", "sign-out")]
    async with connection.transaction():
        await connection.execute(SQL["forget_services"], [service.number for service in services])
        await connection.executemany(SQL["service"], [(service.number, service.function) for service in services])
        await connection.execute(SQL["forget_lines"], [line.number for line in lines])
        await connection.executemany(
            SQL["line"], [(line.number, outside_endpoint(line.number), line.language) for line in lines]
        )
