"""Worlds: who answers, how long they talk, who goes home when. Read from TOML; all times in seconds."""

from bisect import bisect_right
from pathlib import Path
from typing import Literal

import msgspec

from pbx_bridge.core.errors import Misconfigured

SHIPPED = Path(__file__).parent / "worlds"


class Law(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A log-normal duration by its mean and coefficient of variation, or a mix of it with a second one."""

    mean: float
    cv: float = 0.5
    other_share: float = 0.0
    other_mean: float = 0.0
    other_cv: float = 0.5


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From `at` on: another answer probability, another talk."""

    at: float
    answer_probability: float | None = None
    talk: Law | None = None


class Leave(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At `at` so many of the agents (a share of those at the start) go home, after their call. Announced: the
    snapshot's `shift_ends_at` said so before."""

    at: float
    share: float
    announced: bool = False


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of lead: its share of the list and how often it answers, before and after the world's `swap_at`."""

    share: float
    answer_probability: float
    later: float | None = None


class Leads(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Leads that differ. `beta`: a + b of a Beta law around the mean instead of kinds.

    known: ignored, told (the truth) or learned (from noisy features). noise: of each of two copies of the logit.
    """

    kinds: tuple[Kind, ...] = ()
    beta: float = 0.0
    known: Literal["ignored", "told", "learned"] = "told"
    noise: float = 0.0
    useless: bool = False
    swap_at: float | None = None
    hopper: int = 20


class World(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One cell of the table."""

    name: str
    agents: int
    hours: float
    answer_probability: float = 0.3
    talk: Law = Law(120.0, 0.8)
    wrap_up: Law = Law(20.0, 0.5)
    ring: Law = Law(12.0, 0.5)
    ring_timeout: float = 25.0
    early_failures: float = 0.25
    early_failure_after: float = 2.5
    cap: float = 0.03
    grace: float = 2.0
    prior_answer_probability: float = 0.3
    changes: tuple[Change, ...] = ()
    leaves: tuple[Leave, ...] = ()
    leads: Leads | None = None
    bar: float | None = None
    reference: float | None = None
    group: str = ""

    @property
    def seconds(self) -> float:
        """Length of the shift."""
        return self.hours * 3600.0

    def answer_probability_at(self, at: float) -> float:
        """Share of dials placed at this time that a person answers."""
        value = self.answer_probability
        for change in self.changes[: bisect_right([c.at for c in self.changes], at)]:
            if change.answer_probability is not None:
                value = change.answer_probability
        return value

    def talk_at(self, at: float) -> Law:
        """The law of talks that begin at this time."""
        value = self.talk
        for change in self.changes[: bisect_right([c.at for c in self.changes], at)]:
            value = change.talk or value
        return value


class _File(msgspec.Struct, forbid_unknown_fields=True):
    world: tuple[World, ...]


def read_worlds(path: Path) -> tuple[World, ...]:
    """The worlds of one file, `[[world]]` tables. Raises Misconfigured with the place and the reason."""
    try:
        worlds = msgspec.toml.decode(path.read_bytes(), type=_File).world
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path}: {error}") from error
    for world in worlds:
        _check(world, path)
    return worlds


def shipped_worlds() -> tuple[World, ...]:
    """All worlds that come with the product."""
    return tuple(world for path in sorted(SHIPPED.glob("*.toml")) for world in read_worlds(path))


def _check(world: World, path: Path) -> None:
    where = f"{path}: world {world.name!r}"
    if not 1 <= world.agents <= 10_000:
        raise Misconfigured(f"{where}: agents must be 1 to 10000")
    if not 0.0 < world.hours <= 48.0:
        raise Misconfigured(f"{where}: hours must be above 0 and at most 48")
    probabilities = [world.answer_probability, *(c.answer_probability or 0.5 for c in world.changes)]
    if not all(0.0 < p <= 1.0 for p in probabilities):
        raise Misconfigured(f"{where}: an answer probability must be above 0 and at most 1")
    laws = [world.talk, world.wrap_up, world.ring, *(c.talk for c in world.changes if c.talk)]
    if not all(law.mean > 0.0 and law.cv > 0.0 for law in laws):
        raise Misconfigured(f"{where}: means and coefficients of variation must be above 0")
    if world.ring.mean >= world.ring_timeout:
        raise Misconfigured(f"{where}: the mean ring must be below ring_timeout")
