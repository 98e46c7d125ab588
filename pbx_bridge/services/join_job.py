"""Put an agent's own call at a call job's disposal, or take it away again."""

from pbx_bridge.core.commands import JoinJob, LeaveJob
from pbx_bridge.core.ids import AgentId, ChannelId, JobId
from pbx_bridge.ports.campaigns import Campaigns, JobProgress
from pbx_bridge.ports.engine import Engine


async def assigned_jobs(campaigns: Campaigns, agent: AgentId) -> list[JobProgress]:
    """The jobs an agent may work, running ones first, then by id. Raises `Unreachable`."""
    mine = [job for job in await campaigns.jobs() if agent in job.members]
    return sorted(mine, key=lambda job: (not job.running, job.id))


async def join_job(engine: Engine, agent: AgentId, job: JobId, channel: ChannelId) -> None:
    """`channel` stays up as the open line.

    Raises `Refused`: not-signed-in, not-assigned, unknown-job; `Unreachable`.
    """
    await engine.submit(JoinJob(agent, job, channel))


async def leave_job(engine: Engine, agent: AgentId) -> None:
    """After the customer of the moment. Raises `Refused`: not-on-line; `Unreachable`."""
    await engine.submit(LeaveJob(agent))
