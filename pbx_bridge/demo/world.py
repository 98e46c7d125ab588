"""The demo's call center on paper: people, desks, centers, numbers, campaigns. Nobody and no number in it is real.

Japan assigns no subscriber number whose first digit after the area code is 0, so `03 0… ` and `090 0…` ring nowhere.
"""

import secrets
from itertools import pairwise
from random import Random

from msgspec import Struct

from pbx_bridge.core.directory import Language, Mode
from pbx_bridge.core.treatment import Treatment, Way
from pbx_bridge.ports.accounts import Role

AGENTS = 24
SUPERVISORS = 2
LEADS = 900
CALLER_NUMBER = "0300000099"
MOBILES = ("09000009101", "09000009102", "09000009103", "09000009104")
"""Outside numbers that agents may work from; the carrier reads them as people who answer."""


class Person(Struct, frozen=True):
    """An account, its desk phone and all its secrets in clear text: for `demo.json` (0600) and nowhere else."""

    id: int
    login: str
    name: str
    role: Role
    language: Language
    seat: str
    password: str
    dial_id: str
    dial_password: str
    extension: str
    sip_password: str


class Place(Struct, frozen=True):
    """A center and who works in it (person ids; `skills` of those who are not asked first)."""

    id: int
    name: str
    extension: str
    number: str
    strategy: str
    members: list[int]
    wrap_up_seconds: float = 5.0
    priority: int = 0
    treatment: Treatment = Treatment(overflow_seconds=120)
    skills: dict[int, int] = {}


class Campaign(Struct, frozen=True):
    """A campaign with one job, its dial group (person ids) and its list of (number, name)."""

    id: int
    name: str
    mode: Mode
    members: list[int]
    leads: list[tuple[str, str]]
    ring_seconds: float = 20.0


class World(Struct, frozen=True):
    """Kept as `world.json` beside the data, so that a second start finds the same people with the same passwords."""

    people: list[Person]
    places: list[Place]
    campaigns: list[Campaign]
    sign_in_number: str
    sign_out_number: str


def invent(seed: int) -> World:
    """People, centers and lists repeat with the seed; passwords never do."""
    random = Random(seed)  # noqa: S311 - a simulation that repeats itself
    people = _people()
    return World(
        people=people,
        places=_places(people),
        campaigns=[
            Campaign(1, "満足度調査", "progressive", _ids(people, 13, 18), _leads(random, "満足度")),
            Campaign(2, "更新のご案内", "predictive", _ids(people, 19, 24), _leads(random, "更新")),
        ],
        sign_in_number="0300009001",
        sign_out_number="0300009002",
    )


def caller_number(random: Random) -> str:
    """A customer's number."""
    return f"0900{random.randrange(10**7):07}"


def _people() -> list[Person]:
    agents = [
        _person(
            n, "agent", f"agent{n:02}", f"エージェント{n:02}" if n % 4 else f"Agent {n:02}", "ja" if n % 4 else "en"
        )
        for n in range(1, AGENTS + 1)
    ]
    supervisors = [
        _person(AGENTS + n, "supervisor", f"supervisor{n}", f"スーパーバイザー{n}", "ja")
        for n in range(1, SUPERVISORS + 1)
    ]
    return [*agents, *supervisors, _person(AGENTS + SUPERVISORS + 1, "administrator", "admin", "システム管理者", "ja")]


def _person(n: int, role: Role, login: str, name: str, language: Language) -> Person:
    dial_id, extension = str(2000 + n), str(1000 + n)
    return Person(
        id=n,
        login=f"{login}@demo.example",
        name=name,
        role=role,
        language=language,
        seat=f"{'ABCDE'[(n - 1) // 6]}-{(n - 1) % 6 + 1}",
        password=secrets.token_urlsafe(12),
        dial_id=dial_id,
        dial_password=_keyable(),
        extension=extension,
        sip_password=secrets.token_urlsafe(15),
    )


def _keyable() -> str:
    """Eight digits, no three of them in a row or alike."""
    while True:
        digits = f"{secrets.randbelow(10**8):08}"
        steps = [int(b) - int(a) for a, b in pairwise(digits)]
        if not any(a == b and abs(a) <= 1 for a, b in pairwise(steps)):
            return digits


def _ids(people: list[Person], first: int, last: int) -> list[int]:
    return [person.id for person in people if first <= person.id <= last]


def _places(people: list[Person]) -> list[Place]:
    everybody = _ids(people, 1, AGENTS)
    return [
        Place(1, "総合受付", "7001", "0300007001", "leastrecent", everybody, treatment=_ASKS_TO_CALL_BACK),
        Place(2, "ご注文センター", "7002", "0300007002", "rrmemory", _ids(people, 1, 8), treatment=_NAMED_TO_AGENTS),
        Place(3, "Technical support", "7003", "0300007003", "leastrecent", _ids(people, 5, 12)),
    ]


_ASKS_TO_CALL_BACK = Treatment(overflow_seconds=120, overflow=Way("callback"), max_calls=50)
_NAMED_TO_AGENTS = Treatment(overflow_seconds=120, agent_guidance=True)
_LAST_DIGITS = "0123401234012345667778 9".replace(" ", "")
"""Of a list's numbers: what the carrier reads as answered, busy, ringing out, declined or failed."""


def _leads(random: Random, name: str) -> list[tuple[str, str]]:
    stems = random.sample(range(10**6), LEADS)
    return [
        (f"+8190{stem:07}{random.choice(_LAST_DIGITS)}", f"{name} {n:03} 様") for n, stem in enumerate(stems, start=1)
    ]
