"""The commands on a real database: what they do, what they say, and one line for bad input."""

import asyncio
import json
from pathlib import Path

import pytest

from pbx_bridge.cli import main
from pbx_bridge.services.prove import Prover
from pbx_bridge.store.accounts import AccountRows
from pbx_bridge.store.directory import load_directory
from pbx_bridge.store.pool import open_pool
from tests.postgres import Server

PEPPER = "pepper of the test"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PBX_SECRETS_PEPPER", PEPPER)
    monkeypatch.setenv("PBX_CONFIG", "/nowhere/pbx-bridge.toml")


def say(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    assert main(words) == status
    return capsys.readouterr().out


def rows(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(say(capsys, *words, "--json", status=status))
    return found


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1, said.err
    return said.err


def test_migrating_says_what_it_did_and_nothing_twice(postgres: Server, capsys: pytest.CaptureFixture[str]) -> None:
    dsn = postgres.new_database()
    assert "0001 accounts" in say(capsys, "migrate", "--check", "--dsn", dsn, status=1)
    assert "run `pbx-bridge migrate`" in refused(capsys, "account", "list", "--dsn", dsn)
    assert "applied 0004 campaigns" in say(capsys, "migrate", "--dsn", dsn)
    assert json.loads(say(capsys, "migrate", "--json", "--dsn", dsn)) == {"applied": [], "missing": []}
    postgres.drop(dsn)


def test_an_account_with_its_secrets_shown_once(dsn: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = (
        "account",
        "add",
        "Aiko@Example.jp",
        "--name",
        "愛子",
        "--extension",
        "1001",
        "--dial-id",
        "4711",
        "--dsn",
        dsn,
    )
    (made,) = rows(capsys, *words)
    assert (made["login"], made["dial_id"], made["extension"]) == ("aiko@example.jp", "4711", "1001")
    asyncio.run(proves(dsn, "aiko@example.jp", made["password"], made["dial_password"]))
    (issued,) = rows(capsys, "account", "issue-dial", "aiko@example.jp", "--dsn", dsn)
    assert issued["dial_password"] != made["dial_password"]
    (card,) = rows(capsys, "account", "card", "aiko@example.jp", "--dsn", dsn)
    assert card["sip_user"] == "1001"
    assert len(card["sip_password"]) > 20
    (reset,) = rows(capsys, "account", "set-password", "aiko@example.jp", "--dsn", dsn)
    asyncio.run(proves(dsn, "aiko@example.jp", reset["password"], card["dial_password"]))
    (listed,) = rows(capsys, "account", "list", "--dsn", dsn)
    assert not [key for key in listed if "password" in key]
    assert "愛子" in say(capsys, "account", "list", "--dsn", dsn)
    assert "intact" in say(capsys, "account", "verify-audit", "--dsn", dsn)


async def proves(dsn: str, login: str, password: str, dial_password: str) -> None:
    pool, prover = await open_pool(dsn, size=1), Prover(PEPPER.encode(), workers=1)
    try:
        accounts = AccountRows(pool)
        web, dial = await accounts.by_login(login), await accounts.by_dial_id("4711")
        assert web is not None
        assert dial is not None
        assert await prover.verify(web.hash, password)
        assert await prover.verify(dial.hash, dial_password)
    finally:
        prover.close()
        await pool.close()


def test_accounts_that_cannot_be(dsn: str, capsys: pytest.CaptureFixture[str]) -> None:
    say(capsys, "account", "add", "a@example.jp", "--name", "A", "--dsn", dsn)
    assert "already exists" in refused(capsys, "account", "add", "A@example.jp", "--name", "A", "--dsn", dsn)
    assert "b@example.jp" in refused(capsys, "account", "set-password", "b@example.jp", "--dsn", dsn)
    assert "--dial-id" in refused(capsys, "account", "issue-dial", "a@example.jp", "--dsn", dsn)
    assert "digits" in refused(capsys, "account", "issue-dial", "a@example.jp", "--dial-id", "x", "--dsn", dsn)
    assert "127.0.0.1:1" in refused(capsys, "account", "list", "--dsn", "postgresql://x@127.0.0.1:1/x")
    assert "/nowhere/pbx-bridge.toml" in refused(capsys, "account", "list")


def test_a_campaign_from_a_file(dsn: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    say(capsys, "account", "add", "a@example.jp", "--name", "A", "--dial-id", "4711", "--dsn", dsn)
    create = (
        "campaign",
        "create",
        "Autumn",
        "--caller-number",
        "03-3581-0101",
        "--member",
        "a@example.jp",
        "--dsn",
        dsn,
    )
    assert say(capsys, *create) == "campaign 1, call job 1\n"
    say(capsys, "campaign", "forbid", "090-1234-5679", "--dsn", dsn)
    file = tmp_path / "list.csv"
    file.write_text("電話番号,氏名\n090-1234-5678,A\n\n090-1234-5679,B\nnobody,C\n", encoding="cp932")
    assert main(["campaign", "import", "Autumn", str(file), "--dsn", dsn]) == 1
    said = capsys.readouterr()
    assert said.out == "1 accepted, 0 duplicates, 1 on the do-not-call list\n"
    assert said.err == "line 5: number: not-a-number: nobody\n"
    say(capsys, "campaign", "start", "1", "--dsn", dsn)
    assert "running" in say(capsys, "campaign", "list", "--dsn", dsn)
    say(capsys, "campaign", "stop", "1", "--dsn", dsn)
    assert "1 of 1 leads left" in say(capsys, "campaign", "list", "--dsn", dsn)


def test_campaigns_that_cannot_be(dsn: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    number = ("--caller-number", "03-3581-0101", "--dsn", dsn)
    assert "nobody@" in refused(capsys, "campaign", "create", "X", "--member", "nobody@example.jp", *number)
    assert "--drop-cap" in refused(capsys, "campaign", "create", "X", "--drop-cap", "0.5", *number)
    assert "premium" in refused(capsys, "campaign", "create", "X", "--caller-number", "0990-512345", "--dsn", dsn)
    assert "99" in refused(capsys, "campaign", "start", "99", "--dsn", dsn)
    assert "no column number" in refused(capsys, "campaign", "import", "X", __file__, "--dsn", dsn)
    missing = tmp_path / "none.csv"
    assert "none.csv" in refused(capsys, "campaign", "import", "X", str(missing), "--dsn", dsn)
    with pytest.raises(SystemExit) as wrong:
        main(["campaign", "create", "X", "--window", "20:00-09:00", *number])
    assert wrong.value.code == 2


def test_outside_numbers_are_those_of_the_provision(
    dsn: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    example = Path(__file__).parents[2] / "asterisk-config/provision.toml"
    assert say(capsys, "account", "numbers", str(example), "--dsn", dsn) == "09012340001\n"
    assert asyncio.run(_worked_from(dsn)) == (["outside-09012340001"], frozenset({"0312340008", "0312340009"}))
    other = tmp_path / "other.toml"
    other.write_text(example.read_text().replace("09012340001", "08012340002").replace("0312340009", "0312340010"))
    say(capsys, "account", "numbers", str(other), "--dsn", dsn)
    assert asyncio.run(_worked_from(dsn)) == (["outside-08012340002"], frozenset({"0312340008", "0312340010"}))
    other.write_text(example.read_text().replace('callers = ["09012340001"]', "callers = []"))
    say(capsys, "account", "numbers", str(other), "--dsn", dsn)
    assert asyncio.run(_worked_from(dsn))[0] == []
    other.write_text(example.read_text().replace("09012340001", "0570012345"))
    assert "do not let it be dialed" in refused(capsys, "account", "numbers", str(other), "--dsn", dsn)


async def _worked_from(dsn: str) -> tuple[list[str], frozenset[str]]:
    pool = await open_pool(dsn, size=1)
    try:
        directory = await load_directory(pool)
        return [terminal.endpoint for terminal in directory.terminals if terminal.outside], directory.service_numbers
    finally:
        await pool.close()
