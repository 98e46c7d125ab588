"""The world on paper becomes rows: once, in one transaction, into an empty migrated database."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import time
from typing import TYPE_CHECKING

from dialplan.outside import Line
from pbx_bridge.core.directory import Rule, Window
from pbx_bridge.store.centers import follow
from pbx_bridge.store.directory import rule_as_json
from pbx_bridge.store.outside_numbers import write_numbers

from .layout import center_plan, numbers
from .world import CALLER_NUMBER, MOBILES, Campaign, Person, Place, World

if TYPE_CHECKING:
    from pbx_bridge.store.pool import Connection, Pool

Hash = Callable[[str], Awaitable[str]]

_ALWAYS = Window(opens=time(0, 0), closes=time.max, holidays=True)
"""The demo is looked at around the clock."""


async def seed(pool: "Pool", world: World, hash_secret: Hash) -> bool:
    """Write the world down unless somebody already lives there; says whether it did."""
    async with pool.acquire() as connection:
        if await connection.fetchval("SELECT count(*) FROM account"):
            return False
        hashes = [
            await asyncio.gather(*(hash_secret(secret) for secret in (person.password, person.dial_password)))
            for person in world.people
        ]
        async with connection.transaction():
            for person, (password, dial) in zip(world.people, hashes, strict=True):
                await _person(connection, person, password, dial)
            await follow(connection, map(center_plan, world.places), numbers(world))
            for place in world.places:
                await _place(connection, place)
            for campaign in world.campaigns:
                await _campaign(connection, campaign)
            await _count_on(connection)
            await write_numbers(connection, numbers(world), [Line(mobile, "ja") for mobile in MOBILES])
    return True


async def set_running(pool: "Pool", *, running: bool) -> None:
    """Whether the campaigns dial from the start: without a carrier they wait for somebody to start them."""
    await pool.execute("UPDATE call_job SET running = $1", running)


async def _person(connection: "Connection", person: Person, password: str, dial: str) -> None:
    await connection.execute(
        "INSERT INTO terminal (id, extension, endpoint, sip_user, sip_password, language)"
        " VALUES ($1, $2, $2, $2, $3, $4)",
        person.id,
        person.extension,
        person.sip_password,
        person.language,
    )
    await connection.execute(
        "INSERT INTO account (id, login, name, role, language, seat, password_hash, dial_id, dial_hash, terminal)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $1)",
        person.id,
        person.login,
        person.name,
        person.role,
        person.language,
        person.seat,
        password,
        person.dial_id,
        dial,
    )


async def _place(connection: "Connection", place: Place) -> None:
    await connection.executemany(
        "INSERT INTO center_member (center, agent, penalty) VALUES ($1, $2, $3)",
        [(place.id, member, place.skills.get(member, 0)) for member in place.members],
    )


async def _campaign(connection: "Connection", campaign: Campaign) -> None:
    await connection.execute("INSERT INTO campaign (id, name) VALUES ($1, $2)", campaign.id, campaign.name)
    await connection.execute(
        "INSERT INTO batch (id, campaign, name) VALUES ($1, $1, $2)", campaign.id, f"{campaign.name} 1"
    )
    rule = Rule(window=_ALWAYS, ring_seconds=campaign.ring_seconds, max_channels=20, calls_per_second=2.0)
    await connection.execute(
        "INSERT INTO call_job (id, campaign, name, mode, rule, caller_number, caller_name, wrap_up_seconds)"
        " VALUES ($1, $1, $2, $3, $4, $5, $6, 5)",
        campaign.id,
        campaign.name,
        campaign.mode,
        rule_as_json(rule),
        CALLER_NUMBER,
        "pbx-bridge demo",
    )
    await connection.executemany(
        "INSERT INTO job_member (job, agent) VALUES ($1, $2)", [(campaign.id, member) for member in campaign.members]
    )
    await connection.executemany(
        "INSERT INTO lead (campaign, batch, number, name) VALUES ($1, $1, $2, $3)",
        [(campaign.id, number, name) for number, name in campaign.leads],
    )


async def _count_on(connection: "Connection") -> None:
    """Ids were given, so the sequences must be told where to go on."""
    for table in ("terminal", "account", "center", "campaign", "batch", "call_job"):
        await connection.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"  # noqa: S608
        )
