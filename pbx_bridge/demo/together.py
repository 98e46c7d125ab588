"""Several things at once, with the first failure told as itself instead of in a group."""

import asyncio
from collections.abc import Coroutine


async def together(*work: Coroutine[object, object, None]) -> None:
    """Wait for all; when one fails the others are cancelled and its own exception is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(one)
    except BaseExceptionGroup as several:
        first: BaseException = several
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise first from None
