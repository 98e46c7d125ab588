"""My Account: what a person may see and change of themselves."""

from datetime import datetime
from typing import Annotated

from aiohttp import web
from msgspec import UNSET, Meta, Struct, UnsetType

from pbx_bridge.core.directory import Language
from pbx_bridge.ports.accounts import Account
from web import answers, statuses, views
from web.access import EVERYBODY, Route
from web.context import Visit
from web.live import FEED
from web.passwords import check_dial_password, check_web_password, new_dial_password, password_expires
from web.problems import FieldError, Problem

Name = Annotated[str, Meta(min_length=1, max_length=60)]
Seat = Annotated[str, Meta(max_length=20, pattern=r"^[\w\- ]*$")]


class MeView(Struct, frozen=True):
    account: Account
    password_expires_at: datetime
    agent: views.AgentView | None


class MePatch(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    seat: Seat | UnsetType = UNSET


class PasswordChange(Struct, frozen=True, forbid_unknown_fields=True):
    current: str
    new: str


class StatusChange(Struct, frozen=True, forbid_unknown_fields=True):
    """A key of `GET /api/v1/statuses`."""

    status: str


class SeatChange(Struct, frozen=True, forbid_unknown_fields=True):
    seat: Seat


class DialOperation(Struct, frozen=True):
    dial_id: str


class DialOperationChange(Struct, frozen=True, forbid_unknown_fields=True):
    """Without a password a random one is issued. `current` is the web password."""

    current: str
    dial_id: Annotated[str, Meta(pattern=r"^\d{3,10}$")] | None = None
    password: str | None = None


class DialOperationIssued(Struct, frozen=True):
    """`password` is in this answer only and nowhere else."""

    dial_id: str
    password: str


async def show(visit: Visit) -> web.StreamResponse:
    row = statuses.row_of(visit, visit.account.id)
    return answers.json(MeView(visit.account, password_expires(visit), views.agent(row) if row else None))


async def change(visit: Visit) -> web.StreamResponse:
    given = await answers.body(visit, MePatch)
    await update(visit, given)
    fresh = await visit.ports.accounts.by_id(visit.account.id)
    return answers.json(fresh)


async def update(visit: Visit, given: MePatch) -> None:
    await visit.ports.accounts.update(
        visit.account.id,
        name=None if given.name is UNSET else given.name,
        language=None if given.language is UNSET else given.language,
        seat=None if given.seat is UNSET else given.seat,
    )


async def prove_again(visit: Visit, password: str, field: str) -> None:
    """The person at the screen is still the one who signed in. Raises Problem `invalid` at `field`, or `locked`."""
    login = visit.account.login
    wait = await visit.ports.lockouts.locked_seconds("web", login, visit.origin)
    if wait > 0:
        raise Problem("locked", retry_after=wait)
    secret = await visit.ports.accounts.by_login(login)
    if secret is None or not await visit.ports.prover.verify(secret.hash, password):
        await visit.ports.lockouts.failed("web", login, visit.origin, visit.account.id)
        raise Problem("invalid", errors=(FieldError(field, "wrong-password"),))


async def set_password(visit: Visit, given: PasswordChange) -> None:
    """Whoever else is signed in with the old password is not any more: their sessions and live pages end."""
    await prove_again(visit, given.current, "current")
    check_web_password(visit.account, given.new)
    await visit.ports.accounts.set_password(visit.account.id, await visit.ports.prover.hash(given.new))
    await visit.ports.audit.note(visit.account.id, "account.password", visit.account.login, {}, visit.origin)
    for token_hash in await visit.ports.sessions.close_others(visit.account.id, visit.token_hash):
        visit.request.app[FEED].end_session(token_hash)


async def change_password(visit: Visit) -> web.StreamResponse:
    await set_password(visit, await answers.body(visit, PasswordChange))
    return answers.no_content()


async def dial_operation(visit: Visit) -> web.StreamResponse:
    return answers.json(DialOperation(visit.account.dial_id))


async def issue_dial_operation(visit: Visit, given: DialOperationChange) -> DialOperationIssued:
    if not visit.account.is_agent:
        raise Problem("not-an-agent")
    await prove_again(visit, given.current, "current")
    password = given.password or new_dial_password(visit.account)
    check_dial_password(visit.account, password)
    dial_id = given.dial_id or visit.account.dial_id
    hashed = await visit.ports.prover.hash(password)
    await visit.ports.accounts.set_dial_operation(visit.account.id, dial_id, hashed)
    await visit.ports.audit.note(visit.account.id, "account.dial_operation", visit.account.login, {}, visit.origin)
    return DialOperationIssued(dial_id, password)


async def change_dial_operation(visit: Visit) -> web.StreamResponse:
    return answers.json(await issue_dial_operation(visit, await answers.body(visit, DialOperationChange)))


async def change_status(visit: Visit) -> web.StreamResponse:
    given = await answers.body(visit, StatusChange)
    await statuses.change(visit, visit.account.id, given.status, "api" if visit.by == "bearer" else "web")
    row = statuses.row_of(visit, visit.account.id)
    return answers.json(views.agent(row) if row else None)


async def change_seat(visit: Visit) -> web.StreamResponse:
    given = await answers.body(visit, SeatChange)
    await update(visit, MePatch(seat=given.seat))
    return answers.no_content()


ME = "/api/v1/me"
ROUTES = (
    Route(method="GET", path=ME, handler=show, roles=EVERYBODY, summary="My account", returns=MeView),
    Route(
        method="PATCH",
        path=ME,
        handler=change,
        roles=EVERYBODY,
        summary="Change my account",
        body=MePatch,
        returns=Account,
    ),
    Route(
        method="PUT",
        path=f"{ME}/password",
        handler=change_password,
        roles=EVERYBODY,
        summary="Change my password",
        body=PasswordChange,
        status=204,
    ),
    Route(
        method="GET",
        path=f"{ME}/dial-operation",
        handler=dial_operation,
        roles=EVERYBODY,
        summary="My dial-operation ID",
        returns=DialOperation,
    ),
    Route(
        method="PUT",
        path=f"{ME}/dial-operation",
        handler=change_dial_operation,
        roles=EVERYBODY,
        summary="Change my dial-operation ID and password",
        body=DialOperationChange,
        returns=DialOperationIssued,
    ),
    Route(
        method="PUT",
        path=f"{ME}/status",
        handler=change_status,
        roles=EVERYBODY,
        summary="Change my status",
        body=StatusChange,
        returns=views.AgentView,
    ),
    Route(
        method="PUT",
        path=f"{ME}/seat",
        handler=change_seat,
        roles=EVERYBODY,
        summary="Change my seat",
        body=SeatChange,
        status=204,
    ),
)
