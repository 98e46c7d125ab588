"""0015: puts this call at a call job's disposal, as the agent's open line; dialed again, takes the agent off it."""

from typing import Final

from agi.server import Dialogue
from pbx_bridge.core.ids import ChannelId
from pbx_bridge.ports.campaigns import JobProgress
from pbx_bridge.services import join_job as service
from pbx_bridge.services.find_agent import agent_id

from .credentials import TRIES
from .endings import spoken
from .operations import Operations
from .talk import Talk

NEXT: Final = "PBX_NEXT"
"""Channel variable: where the dialplan goes on; see dialplan/dialogue.py."""


def join_job(operations: Operations) -> Dialogue:
    """One job: at once; several: a digit."""

    async def body(talk: Talk) -> None:
        row = await talk.during(operations.agent(talk.session.request))
        agent = agent_id(row)
        if row.job:
            await talk.during(service.leave_job(operations.engine, agent))
            await talk.say("job-left")
            return
        jobs = await talk.during(service.assigned_jobs(operations.campaigns, agent))
        job = await _choose(talk, jobs)
        if job is None:
            await talk.say("no-job", "goodbye")
            return
        channel = ChannelId(talk.session.request.uniqueid)
        await talk.during(service.join_job(operations.engine, agent, job.id, channel))
        await talk.session.set_variable(NEXT, "line")
        await talk.say("job-joined")

    return spoken(body)


async def _choose(talk: Talk, jobs: list[JobProgress]) -> JobProgress | None:
    """The digit counts the agent's jobs from 1, running ones first."""
    if len(jobs) < 2:
        return jobs[0] if jobs else None
    for _ in range(TRIES):
        digit = await talk.key("choose-job")
        if digit.isdecimal() and 1 <= int(digit) <= len(jobs):
            return jobs[int(digit) - 1]
    return None
