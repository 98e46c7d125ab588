"""What commands that work on the database share: where it is, and one pool for one command."""

import argparse
import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pbx_bridge.core.errors import Misconfigured
from pbx_bridge.settings import load
from pbx_bridge.store.migrate import pending
from pbx_bridge.store.pool import Pool, open_pool

from .up import add_config

T = TypeVar("T")


def add_database(parser: argparse.ArgumentParser) -> None:
    """`--dsn` and `--config`: the first that is given wins, PBX_DATABASE_DSN comes between them."""
    parser.add_argument("--dsn", metavar="DSN", help="postgresql://… (else PBX_DATABASE_DSN, else the settings' own)")
    add_config(parser)


def dsn_of(args: argparse.Namespace) -> str:
    """Raises `Misconfigured` when none is given and the settings cannot be read."""
    dsn: str = args.dsn or os.environ.get("PBX_DATABASE_DSN", "") or load(args.config).database.dsn
    return dsn


def pepper_of(args: argparse.Namespace) -> bytes:
    """What goes into every password hash; must be the service's own. Raises `Misconfigured`."""
    return (os.environ.get("PBX_SECRETS_PEPPER", "") or load(args.config).secrets.pepper).encode()


def on_database(args: argparse.Namespace, work: Callable[[Pool], Awaitable[T]], *, migrated: bool = True) -> T:
    """Run `work` with a pool. Raises `Misconfigured`: no such database, or its schema is not this version's."""

    async def whole() -> T:
        pool = await open_pool(dsn_of(args), size=2)
        try:
            if migrated and await pending(pool):
                raise Misconfigured("the database's schema is not up to date: run `pbx-bridge migrate`")
            return await work(pool)
        finally:
            await pool.close()

    return asyncio.run(whole())
