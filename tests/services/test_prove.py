"""Secrets: proven, not guessable without the pepper, and unknown IDs cost what known ones cost."""

import asyncio
import time

import pytest

from pbx_bridge.services.prove import Prover


async def test_only_the_right_secret_with_the_right_pepper_is_proven() -> None:
    prover, stranger = Prover(b"pepper"), Prover(b"another")
    try:
        stored = await prover.hash("739101")
        assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert "739101" not in stored
        assert await prover.verify(stored, "739101")
        assert not await prover.verify(stored, "739102")
        assert not await stranger.verify(stored, "739101")
        assert stored != await prover.hash("739101")
    finally:
        prover.close()
        stranger.close()


@pytest.mark.parametrize("stored", [None, "", "not a hash", "$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA"])
async def test_nothing_proves_against_no_hash(stored: str | None) -> None:
    prover = Prover(b"pepper")
    try:
        for secret in ("", "1", "739101", "日本語"):
            assert not await prover.verify(stored, secret)
    finally:
        prover.close()


async def test_an_unknown_id_costs_what_a_known_one_costs() -> None:
    prover = Prover(b"pepper", workers=1)
    try:
        stored = await prover.hash("739101")
        await prover.verify(None, "warm")
        times: dict[str | None, list[float]] = {None: [], stored: []}
        for _ in range(7):
            for hash in times:
                begun = time.perf_counter()
                await prover.verify(hash, "1")
                times[hash].append(time.perf_counter() - begun)
        unknown, known = (sorted(taken)[3] for taken in times.values())
        assert 0.4 < unknown / known < 2.5
    finally:
        prover.close()


async def test_a_shifts_sign_ins_do_not_stop_the_loop() -> None:
    prover = Prover(b"pepper")
    try:
        stored = await prover.hash("739101")
        work = asyncio.gather(*(prover.verify(stored, "739101") for _ in range(20)))
        worst = 0.0
        while not work.done():
            begun = time.perf_counter()
            await asyncio.sleep(0.005)
            worst = max(worst, time.perf_counter() - begun)
        assert all(await work)
        assert worst < 0.25
    finally:
        prover.close()
