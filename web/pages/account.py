"""My Account (マイアカウント), section by section, each under its own address."""

from typing import Any, NamedTuple

import msgspec
from aiohttp import web
from msgspec import UNSET

from dialplan import card
from pbx_bridge.core.errors import Refused, Unreachable
from pbx_bridge.ports.history import CallFilter
from pbx_bridge.ports.icons import ICON_BYTES
from web import statuses
from web.access import EVERYBODY, Route
from web.context import Visit
from web.pages.frame import field, language_of, local_path, render, see_other
from web.passwords import password_expires
from web.periods import moment
from web.problems import FieldError, Problem
from web.routes.campaigns import ResponsePatch, job_states, join, leave
from web.routes.icon import keep
from web.routes.me import (
    DialOperationChange,
    DialOperationIssued,
    MePatch,
    PasswordChange,
    issue_dial_operation,
    set_password,
    update,
)
from web.routes.redials import RedialNew, RedialPatch, promise
from web.routes.redials import call as dial_redial
from web.routes.redials import change as change_redial

SECTIONS = ("basic", "agent", "calls", "activity", "logins", "jobs", "redials", "responses", "unsaved", "dial")
ROWS = 50


class Card(NamedTuple):
    """Rows of what is dialed or keyed, and what it does; and a hint."""

    codes: list[tuple[str, str]]
    in_call: list[tuple[str, str]]
    hint: str


async def show(visit: Visit) -> web.StreamResponse:
    return await _page(visit, visit.request.match_info.get("section", "basic"))


async def _page(
    visit: Visit,
    section: str,
    problem: Problem | None = None,
    issued: DialOperationIssued | None = None,
) -> web.Response:
    if section not in SECTIONS:
        raise Problem("not-found", "There is no such page.")
    errors = {error.field: error for error in problem.errors} if problem else {}
    return render(
        visit,
        "account.html",
        problem.status if problem else 200,
        section=section,
        sections=SECTIONS,
        data=await _data(visit, section),
        problem=problem,
        errors=errors,
        issued=issued,
        expires=password_expires(visit),
    )


async def _data(visit: Visit, section: str) -> Any:
    """What a section shows, in the type of its port."""
    ports, id, cursor = visit.ports, visit.account.id, visit.request.query.get("cursor")
    match section:
        case "calls":
            return await ports.histories.calls(CallFilter(agent=id), cursor, ROWS)
        case "activity":
            return await ports.histories.activity(id, None, None, cursor, ROWS)
        case "logins":
            return await ports.histories.logins(id, None, None, cursor, ROWS)
        case "jobs":
            return [state for state in await job_states(visit) if id in state.progress.members]
        case "redials":
            return await ports.redials.due(id)
        case "responses":
            return await ports.campaigns.response_records(id, True)
        case "unsaved":
            return await ports.campaigns.response_records(id, False)
        case "dial":
            return _card(visit)
        case "agent":
            terminals = ports.engine.snapshot().terminals
            return any(row.reachable for row in terminals if row.extension == visit.account.extension)
        case _:
            return None


def _card(visit: Visit) -> Card:
    """What to dial for what, in the reader's language."""
    settings, language = visit.settings, language_of(visit.request, visit)
    codes = card.lines(settings.codes, settings.statuses, language)
    return Card(codes, card.in_call(language, settings.pause_key), card.hint(language, settings.codes))


async def save_basic(visit: Visit) -> web.StreamResponse:
    given = {name: await field(visit, name) for name in ("name", "seat", "language")}
    try:
        await update(visit, msgspec.convert(given, MePatch))
    except msgspec.ValidationError as wrong:
        name = str(wrong).rpartition("$.")[2].rstrip("`")
        return await _page(visit, "basic", Problem("invalid", errors=(FieldError(name, "invalid"),)))
    return see_other("/me", saved="basic")


async def save_icon(visit: Visit) -> web.StreamResponse:
    given = (await visit.request.post()).get("icon")
    try:
        body = given.file.read(ICON_BYTES + 1) if isinstance(given, web.FileField) else b""
        await keep(visit, body)
    except Problem as problem:
        return await _page(visit, "basic", problem)
    return see_other("/me", saved="icon")


async def remove_icon(visit: Visit) -> web.StreamResponse:
    await visit.ports.icons.remove(visit.account.id)
    return see_other("/me", saved="icon")


async def save_password(visit: Visit) -> web.StreamResponse:
    post = await visit.request.post()
    current, new, again = (str(post.get(name, "")) for name in ("current", "new", "again"))
    try:
        if new != again:
            raise Problem("invalid", errors=(FieldError("again", "not-equal"),))
        await set_password(visit, PasswordChange(current, new))
    except Problem as problem:
        return await _page(visit, "basic", problem)
    return see_other("/me", saved="password")


async def save_dial(visit: Visit) -> web.StreamResponse:
    """The new password is shown in this answer and never again: no redirect."""
    post = await visit.request.post()
    try:
        given = DialOperationChange(str(post.get("current", "")), None, str(post.get("password", "")) or None)
        return await _page(visit, "dial", issued=await issue_dial_operation(visit, given))
    except Problem as problem:
        return await _page(visit, "dial", problem)


async def save_status(visit: Visit) -> web.StreamResponse:
    back = local_path(await field(visit, "next"))
    try:
        await statuses.change(visit, visit.account.id, await field(visit, "status"), "web")
    except Refused as refused:
        return await _page(visit, "agent", Problem.of(refused))
    except Unreachable as away:
        return await _page(visit, "agent", Problem("unreachable", str(away)))
    return see_other(back)


async def work_job(visit: Visit) -> web.StreamResponse:
    """Join or leave a call job: the phone rings and stays on as the open line."""
    try:
        await (leave if await field(visit, "act") == "leave" else join)(visit)
    except Refused as refused:
        return await _page(visit, "jobs", Problem.of(refused))
    except Unreachable as away:
        return await _page(visit, "jobs", Problem("unreachable", str(away)))
    return see_other("/me/jobs")


async def save_redial(visit: Visit) -> web.StreamResponse:
    """A row's time and memo are kept whichever button is pressed."""
    act, id = await field(visit, "act"), visit.request.match_info["id"]
    try:
        due_at = moment(await field(visit, "due_at"), visit.settings.zone, "due_at")
        patch = RedialPatch(
            due_at=due_at or UNSET,
            memo=(await field(visit, "memo"))[:2000],
            state="done" if act == "done" else UNSET,
        )
        await change_redial(visit, patch)
        if act == "dial":
            await dial_redial(visit)
    except Problem as problem:
        return await _page(visit, "redials", problem)
    except Refused as refused:
        return await _page(visit, "redials", Problem.of(refused))
    except Unreachable as away:
        return await _page(visit, "redials", Problem("unreachable", str(away)))
    return see_other("/me/redials", saved=f"{'dial' if act == 'dial' else 'redial'}-{id}")


async def save_response(visit: Visit) -> web.StreamResponse:
    given = {name: await field(visit, name) for name in ("disposition", "memo")}
    section = "responses" if await field(visit, "section") == "responses" else "unsaved"
    try:
        patch = msgspec.convert(given, ResponsePatch)
    except msgspec.ValidationError:
        return await _page(visit, section, Problem("invalid", errors=(FieldError("disposition", "missing"),)))
    id = visit.request.match_info["id"]
    if not await visit.ports.campaigns.save_response(id, visit.account.id, patch.disposition, patch.memo):
        raise Problem("not-found", "There is no such response record of yours.")
    try:
        due_at = moment(await field(visit, "redial_at"), visit.settings.zone, "redial_at")
        if due_at is not None:
            await promise(visit, RedialNew(id, due_at, memo=patch.memo))
    except Problem as problem:
        return await _page(visit, section, problem)
    return see_other(f"/me/{section}", saved=id)


def _form(path: str, handler: Any, summary: str) -> Route:
    return Route(method="POST", path=path, handler=handler, roles=EVERYBODY, summary=summary, form=True)


ROUTES = (
    Route(method="GET", path="/me", handler=show, roles=EVERYBODY, summary="My account"),
    Route(method="GET", path="/me/{section}", handler=show, roles=EVERYBODY, summary="A section of my account"),
    _form("/me/basic", save_basic, "Save name, seat, language"),
    _form("/me/icon", save_icon, "Change my picture"),
    _form("/me/icon/remove", remove_icon, "Remove my picture"),
    _form("/me/password", save_password, "Change the password"),
    _form("/me/dial", save_dial, "Issue a dial password"),
    _form("/me/status", save_status, "Change my status"),
    _form("/me/jobs/{id}", work_job, "Join or leave a call job"),
    _form("/me/redials/{id}", save_redial, "Change or dial a redial"),
    _form("/me/responses/{id}", save_response, "Save a response record"),
)
