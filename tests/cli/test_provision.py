"""The provision at the bridge's start: one line when it cannot work, else the database follows it."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec import structs

from pbx_bridge.app_provision import check_prompts, follow_provision, read_provision
from pbx_bridge.cli.checks import machine
from pbx_bridge.core.errors import Misconfigured
from pbx_bridge.settings import PromptSettings, ProvisionSettings, Settings, load
from pbx_bridge.store.centers import CenterRows

if TYPE_CHECKING:
    from pbx_bridge.store.pool import Pool

EXAMPLE = Path(__file__).parents[2] / "asterisk-config" / "provision.toml"
SETTINGS = """
[database]
dsn = "postgresql://nobody@127.0.0.1/none"
[ami]
observer_secret = "a"
controller_secret = "b"
[agi]
key = "c"
[journal]
directory = "/nowhere"
[recordings]
spool = "/nowhere"
vault = "/nowhere"
[secrets]
pepper = "d"
[provision]
file = "{file}"
"""


def settings(folder: Path, text: str | None) -> Settings:
    """Of a bridge whose provision says `text`; None: there is no such file."""
    file = folder / "provision.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    own = folder / "pbx-bridge.toml"
    own.write_text(SETTINGS.format(file=file), encoding="utf-8")
    return load(own, {})


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('extension = "7000", number', 'extension = "6000", number', "7000 to 7999"),
        ('mon-fri = ["09:00-18:00"]', 'mon-fri = ["18:00-09:00"]', "22:00-24:00"),
        ('zone = "Asia/Tokyo"', 'zone = "Asia/Edo"', "name one like Asia/Tokyo"),
        ('to = "7000"', 'to = "7999"', "name a terminal or a center"),
        ('to = "7000"', 'to = "7001"', "circle"),
        ('extension = "7001", number', 'extension = "7000", number', "both 7000"),
        ("max_calls = 30", "max_call = 30", "max_call"),
    ],
)
async def test_a_mistake_is_one_line_with_the_file_and_the_mending(
    tmp_path: Path, before: str, after: str, says: str
) -> None:
    wrong = settings(tmp_path, EXAMPLE.read_text("utf-8").replace(before, after, 1))
    with pytest.raises(Misconfigured) as refused:
        read_provision(wrong)
    said = str(refused.value)
    assert (said.startswith(f"{tmp_path}/provision.toml: "), "\n" in said) == (True, False)
    assert says in said
    findings = [finding async for finding in machine.look(wrong)]
    assert [finding.seen for finding in findings if finding.place == "provision"] == [said]


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"set \[provision\] file"):
        read_provision(settings(tmp_path, None))


async def test_check_says_when_the_holidays_run_out(tmp_path: Path) -> None:
    text = EXAMPLE.read_text("utf-8")
    for years, verdict in (("[2020, 2021]", "warning"), ("[2026, 2040]", "ok")):
        told = settings(tmp_path, f"holiday_years = {years}\n{text}")
        (finding,) = [one async for one in machine.look(told) if one.place == "provision"]
        assert finding.verdict == verdict


def test_sentences_of_the_installations_own_centers_are_asked_for(tmp_path: Path) -> None:
    own = structs.replace(settings(tmp_path, EXAMPLE.read_text("utf-8")), prompts=PromptSettings(tmp_path))
    with pytest.raises(Misconfigured, match=r"--provision .*provision\.toml"):
        check_prompts(own, read_provision(own))


async def test_the_database_follows(tmp_path: Path, pool: "Pool") -> None:
    provision = read_provision(settings(tmp_path, EXAMPLE.read_text("utf-8")))
    assert provision is not None
    for _ in range(2):
        await follow_provision(pool, provision)
    assert [(row.name, row.numbers) for row in await CenterRows(pool).centers()] == [
        ("Orders", ["0312340001"]),
        ("Support", ["0312340002"]),
    ]
    rows = await pool.fetch("SELECT number, function FROM dial_number ORDER BY number")
    assert [row["function"] for row in rows] == ["center", "center", "sign-in", "sign-out"]
    assert read_provision(structs.replace(settings(tmp_path, ""), provision=None)) is None
    assert ProvisionSettings(tmp_path).file == tmp_path
