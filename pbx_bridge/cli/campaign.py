"""`pbx-bridge campaign …`: create campaigns, import customer lists, forbid numbers, allow and stop dialing."""

import argparse
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time
from pathlib import Path
from typing import get_args

from msgspec import json

from pbx_bridge.core.directory import Mode, Rule, Window
from pbx_bridge.core.errors import Misconfigured, Refused
from pbx_bridge.core.ids import AgentId, JobId, id_to_text
from pbx_bridge.ports.campaigns import CampaignRecord, ImportReport, JobProgress, NewJob
from pbx_bridge.services.import_leads import Unusable, e164
from pbx_bridge.store.accounts import AccountRows
from pbx_bridge.store.audit import AuditLog
from pbx_bridge.store.campaigns import CampaignRows
from pbx_bridge.store.pool import Pool

from .database import add_database, on_database

Work = Callable[[Pool, argparse.Namespace], Awaitable[int]]
_SHOWN_ERRORS = 20
_RULE = Rule()


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the program's parser."""
    parser = subparsers.add_parser("campaign", help="create campaigns and import customer lists", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _action(actions, "list", "campaigns and call jobs with their figures", _list)
    _add_create(_action(actions, "create", "create a campaign with one call job", _create))
    load = _action(actions, "import", "import a customer list (CSV with a header line and a column `number`)", _import)
    load.add_argument("campaign", metavar="CAMPAIGN", help="its name")
    load.add_argument("file", metavar="FILE", type=Path, help="UTF-8 or Shift_JIS")
    load.add_argument("--batch", metavar="NAME", help="what to call this list (the file's name and the time)")
    for name, line in (("start", "let a call job dial"), ("stop", "stop a call job")):
        later = f"{line}, from the service's next start; in a running service use the web page or the API"
        _action(actions, name, later, _run).add_argument(
            "job", metavar="JOB", type=int, help="its number, as in `list`"
        )
    forbid = _action(actions, "forbid", "put numbers on the do-not-call list", _forbid)
    forbid.add_argument("numbers", metavar="NUMBER", nargs="+")
    forbid.add_argument("--reason", default="")


def _add_create(create: argparse.ArgumentParser) -> None:
    create.add_argument("name", metavar="NAME")
    create.add_argument("--caller-number", metavar="NUMBER", required=True, help="what the called person sees")
    create.add_argument("--caller-name", default="")
    create.add_argument("--mode", choices=get_args(Mode), default="predictive")
    create.add_argument("--job", metavar="NAME", default="Call job 1")
    create.add_argument("--member", metavar="LOGIN", action="append", default=[], help="an agent of the dial group")
    create.add_argument("--trunk", default="carrier", help="PJSIP endpoint of the carrier")
    create.add_argument("--window", metavar="HH:MM-HH:MM", type=_window, default=_RULE.window, help="09:00-20:00")
    create.add_argument("--max-attempts", metavar="N", type=int, default=_RULE.max_attempts)
    create.add_argument("--drop-cap", metavar="SHARE", type=float, default=_RULE.drop_cap, help="0.03 is 3 %%")


def _window(text: str) -> Window:
    try:
        opens, closes = (time.fromisoformat(part) for part in text.split("-"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no HH:MM-HH:MM") from None
    if opens >= closes:
        raise argparse.ArgumentTypeError(f"{text!r} ends before it begins")
    return Window(opens=opens, closes=closes)


def _action(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, line: str, work: Work
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=line, description=line[0].upper() + line[1:] + ".")
    add_database(parser)
    parser.add_argument("--json", action="store_true", help="JSON instead of text")
    parser.set_defaults(run=run, work=work)
    return parser


def run(args: argparse.Namespace) -> int:
    """0 done; 1 (`import`) some lines could not be used. Raises `Refused`, `Misconfigured`."""
    work: Work = args.work
    return on_database(args, lambda pool: work(pool, args))


async def _list(pool: Pool, args: argparse.Namespace) -> int:
    rows = CampaignRows(pool)
    jobs = await rows.jobs()
    if args.json:
        _write({"campaigns": await rows.campaigns(), "jobs": jobs})
    else:
        for job in jobs:
            print(_line(job))
    return 0


async def _create(pool: Pool, args: argparse.Namespace) -> int:
    rule = Rule(window=args.window, max_attempts=args.max_attempts, drop_cap=args.drop_cap)
    if not 1 <= rule.max_attempts <= 100 or not 0 < rule.drop_cap <= 0.03:
        raise Misconfigured("--max-attempts is 1 to 100, --drop-cap more than 0 and at most 0.03")
    members = [await _agent(pool, login) for login in args.member]
    number = _number(args.caller_number)
    rows = CampaignRows(pool)
    campaign = await rows.create(args.name)
    job = await rows.create_job(
        NewJob(campaign, args.job, args.mode, number, args.caller_name, args.trunk, rule, tuple(members))
    )
    await AuditLog(pool).note(None, "campaign.created", f"campaign:{campaign}", {"name": args.name}, "command line")
    if args.json:
        _write({"campaign": campaign, "job": job})
    else:
        print(f"campaign {campaign}, call job {job}")
    return 0


async def _import(pool: Pool, args: argparse.Namespace) -> int:
    from web.customer_lists import read_leads

    try:
        leads, unread = read_leads(args.file.read_bytes())
    except ValueError as error:
        raise Misconfigured(f"{args.file}: {error}") from None
    rows = CampaignRows(pool)
    campaign = await _campaign(rows, args.campaign)
    name = args.batch or f"{args.file.name} {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
    report = await rows.import_leads(await rows.new_batch(campaign.id, name), leads)
    report.errors.extend(unread)
    report.errors.sort(key=lambda error: error.line)
    await AuditLog(pool).note(
        None, "leads.imported", f"batch:{report.batch}", {"accepted": str(report.accepted)}, "command line"
    )
    _show(report, args)
    return 1 if report.errors else 0


async def _run(pool: Pool, args: argparse.Namespace) -> int:
    if not await CampaignRows(pool).run(JobId(args.job), args.action == "start"):
        raise Refused("unknown-job", f"there is no call job {args.job}")
    await AuditLog(pool).note(None, f"call_job.{args.action}", f"job:{args.job}", {}, "command line")
    return 0


async def _forbid(pool: Pool, args: argparse.Namespace) -> int:
    numbers = [_number(text) for text in args.numbers]
    added = await CampaignRows(pool).forbid(numbers, args.reason)
    await AuditLog(pool).note(None, "do_not_call.added", "do-not-call", {"count": str(added)}, "command line")
    if args.json:
        _write({"added": added})
    else:
        print(f"{added} added, {len(set(numbers)) - added} known")
    return 0


def _number(text: str) -> str:
    try:
        return e164(text)
    except Unusable as reason:
        raise Misconfigured(f"{text!r} cannot be used as a telephone number: {reason}") from None


async def _agent(pool: Pool, login: str) -> AgentId:
    secret = await AccountRows(pool).by_login(login)
    if secret is None or not secret.account.is_agent:
        raise Refused("unknown-agent", f"{login} is no account that takes calls")
    return secret.account.id


async def _campaign(rows: CampaignRows, name: str) -> CampaignRecord:
    for campaign in await rows.campaigns():
        if campaign.name == name:
            return campaign
    raise Misconfigured(f"there is no campaign {name!r}")


def _line(job: JobProgress) -> str:
    state = "running" if job.running else "stopped"
    rate = f"{100 * job.drops_30d / job.answers_30d:.2f} %" if job.answers_30d else "-"
    return (
        f"{job.id:>4} {job.campaign_name} / {job.name} ({job.mode}, {state}): "
        f"{job.leads_left} of {job.leads} leads left, dropped {rate} in 30 days"
    )


def _show(report: ImportReport, args: argparse.Namespace) -> None:
    if args.json:
        _write(report)
        return
    print(f"{report.accepted} accepted, {report.duplicates} duplicates, {report.do_not_call} on the do-not-call list")
    for error in report.errors[:_SHOWN_ERRORS]:
        print(f"line {error.line}: {error.field}: {error.reason}: {error.text}", file=sys.stderr)
    if len(report.errors) > _SHOWN_ERRORS:
        print(f"and {len(report.errors) - _SHOWN_ERRORS} more lines (--json shows all)", file=sys.stderr)


def _write(value: object) -> None:
    sys.stdout.write(json.encode(value, enc_hook=id_to_text).decode() + "\n")
