"""`pbx-bridge account …`: people and their telephones. A secret is shown once, when it is made, and never again."""

import argparse
import secrets
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import get_args

from msgspec import UNSET, Struct, UnsetType, json

from dialplan import outside
from dialplan.card import Card, html, text
from dialplan.check import load
from dialplan.codes import DialCodes
from dialplan.provision import PAUSE_KEY
from pbx_bridge.core.directory import Language
from pbx_bridge.core.errors import Refused
from pbx_bridge.ports.accounts import Account, Role
from pbx_bridge.store.accounts import AccountRows, NewAccount, TerminalRows
from pbx_bridge.store.audit import AuditLog, verify
from pbx_bridge.store.directory import load_directory
from pbx_bridge.store.outside_numbers import write_numbering, write_numbers
from pbx_bridge.store.pool import Pool

from .database import add_database, on_database, pepper_of

Work = Callable[[Pool, argparse.Namespace], Awaitable[int]]


class Shown(Struct, omit_defaults=True):
    """What a command answers; secrets only where this very command made them."""

    login: str
    name: str
    role: str
    extension: str = ""
    dial_id: str = ""
    password: str | UnsetType = UNSET
    dial_password: str | UnsetType = UNSET
    sip_user: str | UnsetType = UNSET
    sip_password: str | UnsetType = UNSET


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the program's parser."""
    parser = subparsers.add_parser("account", help="create and change accounts", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _action(actions, "list", "all accounts", _list)
    add = _action(actions, "add", "create an account; its password is shown once and must be changed", _add, login=True)
    add.add_argument("--name", required=True)
    add.add_argument("--role", choices=get_args(Role), default="agent")
    add.add_argument("--language", choices=get_args(Language), default="ja")
    add.add_argument("--seat", default="", help="seat ID")
    add.add_argument("--extension", default="", help="the terminal, created if there is none")
    add.add_argument("--dial-id", help="dial-operation ID: 3 to 10 digits; makes the account one that takes calls")
    _action(actions, "set-password", "a new random password; open sessions end", _set_password, login=True)
    issue = _action(actions, "issue-dial", "a new dial-operation password", _issue_dial, login=True)
    issue.add_argument("--dial-id", help="a new dial-operation ID too")
    card = _action(
        actions, "card", "all an agent needs on one card; makes a new dial-operation password", _card, login=True
    )
    card.add_argument("--provision", type=Path, metavar="FILE", help="whose dial codes are used here (else biztel's)")
    card.add_argument("--html", action="store_true", help="to be printed from a browser, instead of text")
    numbers = _action(
        actions, "numbers", "take over a provision's sign-in numbers and who may work from outside", _numbers
    )
    numbers.add_argument("provision", type=Path, metavar="FILE", help="the TOML file Asterisk's configuration is from")
    _action(actions, "verify-audit", "check the audit trail's chain of hashes", _verify)


def _action(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    line: str,
    work: Work,
    *,
    login: bool = False,
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=line, description=line[0].upper() + line[1:] + ".")
    add_database(parser)
    parser.add_argument("--json", action="store_true", help="JSON instead of text")
    if login:
        parser.add_argument("login", metavar="LOGIN", help="e-mail address")
    parser.set_defaults(run=run, work=work)
    return parser


def run(args: argparse.Namespace) -> int:
    """0 done; 1 (`verify-audit`) the trail was touched. Raises `Refused`, `Misconfigured`."""
    work: Work = args.work
    return on_database(args, lambda pool: work(pool, args))


async def _list(pool: Pool, args: argparse.Namespace) -> int:
    _show([_shown(account) for account in await AccountRows(pool).all()], args)
    return 0


async def _add(pool: Pool, args: argparse.Namespace) -> int:
    password, dial_password = secrets.token_urlsafe(12), None
    if args.extension:
        await TerminalRows(pool).create(args.extension, secrets.token_urlsafe(18), args.language)
    new = NewAccount(
        login=args.login,
        name=args.name,
        role=args.role,
        password_hash=await _hash(args, password),
        language=args.language,
        seat=args.seat,
        extension=args.extension,
        must_change_password=True,
    )
    accounts = AccountRows(pool)
    await accounts.create(new)
    account = await _find(accounts, args.login)
    if args.dial_id:
        dial_password = await _new_dial(accounts, account, args.dial_id, args)
        account = await _find(accounts, args.login)
    await _note(pool, "account.created", account)
    _show([_shown(account, password=password, dial_password=dial_password or UNSET)], args)
    return 0


async def _set_password(pool: Pool, args: argparse.Namespace) -> int:
    accounts = AccountRows(pool)
    account = await _find(accounts, args.login)
    password = secrets.token_urlsafe(12)
    await accounts.set_password(account.id, await _hash(args, password), must_change=True)
    await _note(pool, "account.password_reset", account)
    _show([_shown(account, password=password)], args)
    return 0


async def _issue_dial(pool: Pool, args: argparse.Namespace) -> int:
    accounts = AccountRows(pool)
    account = await _find(accounts, args.login)
    dial_id = args.dial_id or account.dial_id
    if not dial_id:
        raise Refused("not-an-agent", f"{account.login} has no dial-operation ID: give one with --dial-id")
    dial_password = await _new_dial(accounts, account, dial_id, args)
    await _note(pool, "account.dial_operation_issued", account)
    _show([_shown(await _find(accounts, args.login), dial_password=dial_password)], args)
    return 0


async def _card(pool: Pool, args: argparse.Namespace) -> int:
    accounts = AccountRows(pool)
    account = await _find(accounts, args.login)
    sip = await TerminalRows(pool).credentials(account.extension)
    if sip is None or not account.dial_id:
        raise Refused("not-an-agent", f"{account.login} has no terminal or no dial-operation ID")
    provision = load(args.provision) if args.provision else None
    codes = provision.codes if provision else DialCodes()
    pause_key = provision.pause_key if provision else PAUSE_KEY
    dial_password = await _new_dial(accounts, account, account.dial_id, args)
    await _note(pool, "account.card", account)
    if args.json:
        _show([_shown(account, dial_password=dial_password, sip_user=sip[0], sip_password=sip[1])], args)
        return 0
    statuses = (await load_directory(pool)).statuses
    card = Card(
        name=account.name,
        extension=account.extension,
        dial_id=account.dial_id,
        language=account.language,
        dial_password=dial_password,
    )
    if args.html:
        print(html(card, codes, statuses, pause_key))
    else:
        print(
            f"{text(card, codes, statuses, pause_key)}\nlogin {account.login}\nsip-user {sip[0]}\nsip-password {sip[1]}"
        )
    return 0


async def _numbers(pool: Pool, args: argparse.Namespace) -> int:
    provision = load(args.provision)
    lines = list(outside.lines(provision))
    async with pool.acquire() as connection:
        await write_numbering(connection, provision.numbering)
        await write_numbers(connection, provision.numbers, lines)
    await AuditLog(pool).note(
        None, "numbers.written", str(args.provision), {"outside": str(len(lines))}, "command line"
    )
    if args.json:
        sys.stdout.write(json.encode([line.number for line in lines]).decode() + "\n")
    else:
        print("\n".join(line.number for line in lines) or "nobody may work from outside")
    return 0


async def _verify(pool: Pool, args: argparse.Namespace) -> int:
    broken = await verify(pool)
    if args.json:
        sys.stdout.write(json.encode({"intact": broken is None, "first_broken": broken}).decode() + "\n")
    else:
        print("the audit trail is intact" if broken is None else f"the audit trail was touched at row {broken}")
    return 0 if broken is None else 1


async def _find(accounts: AccountRows, login: str) -> Account:
    secret = await accounts.by_login(login)
    if secret is None:
        raise Refused("unknown-agent", f"there is no account {login}")
    return secret.account


async def _new_dial(accounts: AccountRows, account: Account, dial_id: str, args: argparse.Namespace) -> str:
    from web.passwords import new_dial_password

    password = new_dial_password(account)
    await accounts.set_dial_operation(account.id, dial_id, await _hash(args, password))
    return password


async def _hash(args: argparse.Namespace, secret: str) -> str:
    from pbx_bridge.services.prove import Prover

    prover = Prover(pepper_of(args), workers=1)
    try:
        return await prover.hash(secret)
    finally:
        prover.close()


async def _note(pool: Pool, act: str, account: Account) -> None:
    await AuditLog(pool).note(None, act, f"account:{account.login}", {}, "command line")


def _shown(
    account: Account,
    *,
    password: str | UnsetType = UNSET,
    dial_password: str | UnsetType = UNSET,
    sip_user: str | UnsetType = UNSET,
    sip_password: str | UnsetType = UNSET,
) -> Shown:
    return Shown(
        account.login,
        account.name,
        account.role,
        account.extension,
        account.dial_id,
        password,
        dial_password,
        sip_user,
        sip_password,
    )


def _show(rows: list[Shown], args: argparse.Namespace) -> None:
    if args.json:
        sys.stdout.write(json.encode(rows).decode() + "\n")
        return
    for row in rows:
        words = {name: getattr(row, name) for name in row.__struct_fields__}
        if args.action == "list":
            print(f"{row.login:<32} {row.role:<14} {row.extension or '-':<8} {row.dial_id or '-':<10} {row.name}")
        else:
            print(
                "\n".join(
                    f"{name.replace('_', '-'):<14} {word}" for name, word in words.items() if word and word is not UNSET
                )
            )
