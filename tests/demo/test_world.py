"""The demo's people and numbers: enough of them, plausible to keys and rules, none of them real."""

import re
from pathlib import Path

import phonenumbers
import pytest

from pbx_bridge.core.errors import Misconfigured
from pbx_bridge.demo.carrier_config import talk_times
from pbx_bridge.demo.kept import kept
from pbx_bridge.demo.world import AGENTS, invent

WORLD = invent(seed=3)


def test_as_many_people_as_the_contract_asks_for() -> None:
    roles = [person.role for person in WORLD.people]
    assert roles.count("agent") >= 20
    assert roles.count("supervisor") == 2
    assert roles.count("administrator") == 1


def test_nobody_shares_a_secret_or_a_name() -> None:
    for field in ("login", "name", "dial_id", "extension", "password", "dial_password", "sip_password"):
        values = [getattr(person, field) for person in WORLD.people]
        assert len(set(values)) == len(values), field


def test_dial_passwords_are_long_and_no_sequence() -> None:
    for person in WORLD.people:
        assert re.fullmatch(r"\d{8}", person.dial_password)
        assert not re.search(
            r"(\d)\1\1|012|123|234|345|456|567|678|789|987|876|765|654|543|432|321|210", person.dial_password
        )


def test_numbers_ring_nowhere() -> None:
    numbers = [number for campaign in WORLD.campaigns for number, _ in campaign.leads]
    assert len(set(numbers)) > 1500
    for number in numbers:
        assert re.fullmatch(r"\+81900\d{7}", number)
        assert phonenumbers.is_possible_number(phonenumbers.parse(number))


def test_every_agent_works_in_a_center() -> None:
    assert {member for place in WORLD.places for member in place.members} >= set(range(1, AGENTS + 1))


def test_the_same_seed_gives_the_same_lists_but_other_passwords() -> None:
    again = invent(seed=3)
    assert [campaign.leads for campaign in again.campaigns] == [campaign.leads for campaign in WORLD.campaigns]
    assert [p.password for p in again.people] != [p.password for p in WORLD.people]


def test_talk_times_are_bounded_and_spread() -> None:
    times = talk_times(20.0, seed=1)
    assert len(times) == 100
    assert min(times) >= 5
    assert max(times) <= 80
    assert 15 <= sorted(times)[50] <= 26


def test_a_data_directory_remembers_its_people(tmp_path: Path) -> None:
    first = kept(tmp_path, seed=1)
    assert kept(tmp_path, seed=99) == first
    assert (tmp_path / "world.json").stat().st_mode & 0o777 == 0o600


def test_a_foreign_directory_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "world.json").write_text('{"people": 7}')
    with pytest.raises(Misconfigured, match=r"world\.json"):
        kept(tmp_path, seed=1)
