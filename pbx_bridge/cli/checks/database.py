"""PostgreSQL: reachable, new enough, migrated, and of one mind with us about the time."""

import time
from collections.abc import AsyncIterator

from pbx_bridge.core.errors import Misconfigured
from pbx_bridge.settings import Settings
from pbx_bridge.store.migrate import pending
from pbx_bridge.store.pool import open_pool

from .finding import Finding, ok, problem

_OLDEST = 15
_CLOCKS_APART = 2.0


async def look(settings: Settings) -> AsyncIterator[Finding]:
    """Nothing is written."""
    try:
        pool = await open_pool(settings.database.dsn, size=1, connect_seconds=5.0)
    except Misconfigured as error:
        yield problem("database", str(error), "start the server, or correct `dsn` in [database]")
        return
    try:
        number = int(await pool.fetchval("SHOW server_version_num")) // 10_000
        if number < _OLDEST:
            yield problem("database", f"PostgreSQL {number}", f"upgrade to {_OLDEST} or newer")
        else:
            yield ok("database", f"PostgreSQL {number} answers")
        try:
            waiting = await pending(pool)
        except Misconfigured as error:
            yield problem("database schema", str(error), "use the version of pbx-bridge that wrote it")
        else:
            yield (
                problem("database schema", f"{len(waiting)} migrations are missing", "run `pbx-bridge migrate`")
                if waiting
                else ok("database schema", "up to date")
            )
        apart = abs(await pool.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8") - time.time())
        if apart > _CLOCKS_APART:
            yield problem(
                "database clock", f"{apart:.1f} s away from this machine's", "synchronise both with one time server"
            )
    finally:
        await pool.close()
