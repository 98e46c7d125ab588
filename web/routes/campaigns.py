"""Outbound work: campaigns and their lists, call jobs, and what an agent has to write up or call again."""

from typing import Annotated

from aiohttp import web
from aiohttp.web_exceptions import HTTPRequestEntityTooLarge
from msgspec import Meta, Struct
from msgspec.structs import asdict

from pbx_bridge.core.commands import JoinJob, LeaveJob, StartJob, StopJob
from pbx_bridge.core.directory import Mode, Rule
from pbx_bridge.core.ids import AgentId, CampaignId, JobId
from pbx_bridge.ports.campaigns import BatchRecord, CampaignRecord, ImportReport, JobProgress, NewJob, ResponseRecord
from pbx_bridge.services.create_job import Unlawful, create_job
from web import answers, views
from web.access import ADMINISTRATORS, EVERYBODY, SUPERVISORS, Route
from web.context import Visit
from web.customer_lists import read_leads
from web.problems import FieldError, Problem


class CampaignNew(Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=60)]


class Created(Struct, frozen=True):
    id: str


class JobNew(Struct, frozen=True, forbid_unknown_fields=True):
    """`caller_number` is what the called person sees. `rule` is the dial rule: what is not named stays at its default.
    `members`: the dial group's agents."""

    campaign: CampaignId
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    mode: Mode
    caller_number: Annotated[str, Meta(min_length=1, max_length=20)]
    caller_name: Annotated[str, Meta(max_length=60)] = ""
    trunk: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,40}$")] = "carrier"
    rule: Rule = Rule()
    members: Annotated[list[AgentId], Meta(max_length=1000)] = []


class JobState(Struct, frozen=True):
    """`live` is None while the switchboard does not know the job; its `limit` answers «why is it not dialing?»."""

    progress: JobProgress
    live: views.JobView | None


class ResponsesQuery(Struct, frozen=True, kw_only=True):
    saved: bool | None = None


class ResponsePatch(Struct, frozen=True, forbid_unknown_fields=True):
    disposition: Annotated[str, Meta(min_length=1, max_length=60)]
    memo: Annotated[str, Meta(max_length=2000)] = ""


async def campaigns(visit: Visit) -> web.StreamResponse:
    return answers.json(await visit.ports.campaigns.campaigns())


async def new_campaign(visit: Visit) -> web.StreamResponse:
    given = await answers.body(visit, CampaignNew)
    id = await visit.ports.campaigns.create(given.name)
    await visit.ports.audit.note(visit.account.id, "campaign.create", str(id), {"name": given.name}, visit.origin)
    return answers.json(Created(str(id)), 201)


async def batches(visit: Visit) -> web.StreamResponse:
    found = await visit.ports.campaigns.batches(answers.id_in_path(visit, CampaignId))
    if found is None:
        raise Problem("not-found", "There is no such campaign.")
    return answers.json(found)


async def new_batch(visit: Visit) -> web.StreamResponse:
    given = await answers.body(visit, CampaignNew)
    campaign = answers.id_in_path(visit, CampaignId)
    if not any(known.id == campaign for known in await visit.ports.campaigns.campaigns()):
        raise Problem("not-found", "There is no such campaign.")
    return answers.json(Created(await visit.ports.campaigns.new_batch(campaign, given.name)), 201)


async def import_leads(visit: Visit) -> web.StreamResponse:
    batch = visit.request.match_info["id"]
    if not (batch.isascii() and batch.replace("-", "").isalnum() and len(batch) <= 40):
        raise Problem("not-found", "There is no such batch.")
    try:
        leads, errors = read_leads(await visit.request.read())
    except HTTPRequestEntityTooLarge as wrong:
        raise Problem("too-large", "The list is too large.") from wrong
    except ValueError as wrong:
        raise Problem("invalid", str(wrong), errors=(FieldError("body", "no-list"),)) from wrong
    report = await visit.ports.campaigns.import_leads(batch, leads)
    await visit.ports.audit.note(
        visit.account.id, "batch.import", batch, {"accepted": str(report.accepted)}, visit.origin
    )
    whole = sorted([*errors, *report.errors], key=lambda error: error.line)
    return answers.json(ImportReport(report.batch, report.accepted, report.duplicates, report.do_not_call, whole), 201)


def _mine(visit: Visit, job: JobProgress) -> bool:
    return visit.account.role != "agent" or visit.account.id in job.members


async def job_states(visit: Visit) -> list[JobState]:
    """Jobs with their live half; an agent gets the assigned ones."""
    rows = {row.id: row for row in visit.ports.engine.snapshot().jobs}
    jobs = [job for job in await visit.ports.campaigns.jobs() if _mine(visit, job)]
    return [JobState(job, views.job(rows[str(job.id)]) if str(job.id) in rows else None) for job in jobs]


async def jobs(visit: Visit) -> web.StreamResponse:
    return answers.json(await job_states(visit))


async def job(visit: Visit) -> web.StreamResponse:
    progress = await visit.ports.campaigns.job(answers.id_in_path(visit, JobId))
    if progress is None or not _mine(visit, progress):
        raise Problem("unknown-job", "There is no such job.")
    row = next((row for row in visit.ports.engine.snapshot().jobs if row.id == str(progress.id)), None)
    return answers.json(JobState(progress, views.job(row) if row else None))


async def new_job(visit: Visit) -> web.StreamResponse:
    given = await answers.body(visit, JobNew)
    new = NewJob(**{**asdict(given), "members": tuple(given.members)})
    try:
        id = await create_job(visit.ports.campaigns, new)
    except Unlawful as wrong:
        errors = tuple(FieldError(field, "range", allowed) for field, allowed in wrong.fields.items())
        raise Problem("invalid", errors=errors) from wrong
    detail = {"campaign": str(given.campaign), "name": given.name}
    await visit.ports.audit.note(visit.account.id, "job.create", str(id), detail, visit.origin)
    return answers.json(Created(str(id)), 201)


async def start(visit: Visit) -> web.StreamResponse:
    await run(visit, answers.id_in_path(visit, JobId), True)
    return answers.no_content()


async def stop(visit: Visit) -> web.StreamResponse:
    await run(visit, answers.id_in_path(visit, JobId), False)
    return answers.no_content()


async def run(visit: Visit, id: JobId, running: bool) -> None:
    """The administrator's level of a job's run state."""
    if await visit.ports.campaigns.job(id) is None:
        raise Problem("unknown-job", "There is no such job.")
    await visit.ports.engine.submit(StartJob(id, visit.account.id) if running else StopJob(id, visit.account.id))
    await visit.ports.audit.note(visit.account.id, "job.start" if running else "job.stop", str(id), {}, visit.origin)


async def join(visit: Visit) -> web.StreamResponse:
    """Rings the agent's sign-in terminal; answered, it is the open line."""
    await visit.ports.engine.submit(JoinJob(visit.account.id, answers.id_in_path(visit, JobId)))
    return answers.no_content()


async def leave(visit: Visit) -> web.StreamResponse:
    await visit.ports.engine.submit(LeaveJob(visit.account.id))
    return answers.no_content()


async def responses(visit: Visit) -> web.StreamResponse:
    asked = answers.query(visit, ResponsesQuery)
    return answers.json(await visit.ports.campaigns.response_records(visit.account.id, asked.saved))


async def save_response(visit: Visit) -> web.StreamResponse:
    given = await answers.body(visit, ResponsePatch)
    id = visit.request.match_info["id"]
    if not await visit.ports.campaigns.save_response(id, visit.account.id, given.disposition, given.memo):
        raise Problem("not-found", "There is no such response record of yours.")
    return answers.no_content()


CAMPAIGNS, JOBS = "/api/v1/campaigns", "/api/v1/call-jobs"
RESPONSES = "/api/v1/response-records"
ROUTES = (
    Route(
        method="GET",
        path=CAMPAIGNS,
        handler=campaigns,
        roles=SUPERVISORS,
        summary="Campaigns",
        returns=list[CampaignRecord],
    ),
    Route(
        method="POST",
        path=CAMPAIGNS,
        handler=new_campaign,
        roles=ADMINISTRATORS,
        summary="Create a campaign",
        body=CampaignNew,
        returns=Created,
        status=201,
    ),
    Route(
        method="GET",
        path=CAMPAIGNS + "/{id}/batches",
        handler=batches,
        roles=SUPERVISORS,
        summary="A campaign's batches, newest first",
        returns=list[BatchRecord],
    ),
    Route(
        method="POST",
        path=CAMPAIGNS + "/{id}/batches",
        handler=new_batch,
        roles=ADMINISTRATORS,
        summary="Create a batch in a campaign",
        body=CampaignNew,
        returns=Created,
        status=201,
    ),
    Route(
        method="POST",
        path="/api/v1/batches/{id}/leads",
        handler=import_leads,
        roles=ADMINISTRATORS,
        summary="Import a customer list (text/csv; a column `number`, and `name`, `zone` where known)",
        body=bytes,
        takes=("text/csv",),
        returns=ImportReport,
        status=201,
    ),
    Route(method="GET", path=JOBS, handler=jobs, roles=EVERYBODY, summary="Call jobs", returns=list[JobState]),
    Route(
        method="POST",
        path=JOBS,
        handler=new_job,
        roles=ADMINISTRATORS,
        summary="Create a call job; it is started by itself",
        body=JobNew,
        returns=Created,
        status=201,
    ),
    Route(method="GET", path=JOBS + "/{id}", handler=job, roles=EVERYBODY, summary="A call job", returns=JobState),
    Route(
        method="POST", path=JOBS + "/{id}/start", handler=start, roles=SUPERVISORS, summary="Start a job", status=204
    ),
    Route(method="POST", path=JOBS + "/{id}/stop", handler=stop, roles=SUPERVISORS, summary="Stop a job", status=204),
    Route(
        method="POST",
        path=JOBS + "/{id}/join",
        handler=join,
        roles=EVERYBODY,
        summary="Work a job: your phone rings and stays on as the open line",
        status=204,
    ),
    Route(
        method="POST",
        path=JOBS + "/{id}/leave",
        handler=leave,
        roles=EVERYBODY,
        summary="Leave the job after the customer of the moment",
        status=204,
    ),
    Route(
        method="GET",
        path=RESPONSES,
        handler=responses,
        roles=EVERYBODY,
        summary="My response records",
        query=ResponsesQuery,
        returns=list[ResponseRecord],
    ),
    Route(
        method="PATCH",
        path=RESPONSES + "/{id}",
        handler=save_response,
        roles=EVERYBODY,
        summary="Write a response record",
        body=ResponsePatch,
        status=204,
    ),
)
