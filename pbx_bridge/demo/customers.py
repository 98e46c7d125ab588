"""Simulated customers: they call the centers at random, wait as long as their patience, and talk."""

import asyncio
from random import Random

from .carrier import Carrier
from .world import Place, caller_number

_MOST_AT_ONCE = 16


async def call_in(carrier: Carrier, places: list[Place], per_second: float, seed: int) -> None:
    """Until cancelled: a Poisson stream of calls, busier for the first center, bounded in calls at once."""
    random = Random(seed)  # noqa: S311 - a simulation that repeats itself
    weights = [1.0 / (n + 1) for n in range(len(places))]
    while True:
        await asyncio.sleep(random.expovariate(per_second))
        if await asyncio.to_thread(carrier.calls_up) >= _MOST_AT_ONCE * 2:
            continue
        place = random.choices(places, weights)[0]
        impatient = random.random() < 0.1
        seconds = random.uniform(5.0, 12.0) if impatient else random.uniform(25.0, 150.0)
        carrier.call(place.number, caller_number(random), seconds)
