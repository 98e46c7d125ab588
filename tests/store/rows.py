"""A small call center in the database, for tests to start from."""

from typing import TYPE_CHECKING

from pbx_bridge.core.directory import Rule
from pbx_bridge.core.ids import AgentId, CampaignId, CenterId, JobId, LeadId, NodeId, TerminalId

if TYPE_CHECKING:
    from pbx_bridge.store.pool import Pool

NODE = NodeId("one")
OTHER_NODE = NodeId("two")


async def add_agent(pool: "Pool", number: int) -> AgentId:
    """Agent `number` with dial-operation ID 1000 + number and terminal of the same extension."""
    extension = str(1000 + number)
    terminal = await pool.fetchval(
        "INSERT INTO terminal (extension, endpoint, sip_user, sip_password) VALUES ($1, $1, $1, 'x') RETURNING id",
        extension,
    )
    id: AgentId = await pool.fetchval(
        """INSERT INTO account (login, name, role, password_hash, dial_id, dial_hash, terminal)
           VALUES ($1, $2, 'agent', 'hash', $3, 'hash', $4) RETURNING id""",
        f"agent{number}@example.jp",
        f"Agent {number}",
        extension,
        terminal,
    )
    return id


async def terminal_of(pool: "Pool", agent: AgentId) -> TerminalId:
    id: TerminalId = await pool.fetchval("SELECT terminal FROM account WHERE id = $1", agent)
    return id


async def add_center(pool: "Pool", *members: AgentId) -> CenterId:
    id: CenterId = await pool.fetchval("INSERT INTO center (name, extension) VALUES ('Support', '7000') RETURNING id")
    await pool.executemany(
        "INSERT INTO center_member (center, agent) VALUES ($1, $2)", [(id, agent) for agent in members]
    )
    return id


async def add_job(pool: "Pool", *members: AgentId, name: str = "Autumn", rule: Rule | None = None) -> JobId:
    campaign: CampaignId = await pool.fetchval("INSERT INTO campaign (name) VALUES ($1) RETURNING id", name)
    id: JobId = await pool.fetchval(
        """INSERT INTO call_job (campaign, name, mode, rule, caller_number)
           VALUES ($1, 'Evening', 'progressive', $2, '+81312345678') RETURNING id""",
        campaign,
        rule or Rule(),
    )
    await pool.executemany("INSERT INTO job_member (job, agent) VALUES ($1, $2)", [(id, agent) for agent in members])
    return id


async def add_leads(pool: "Pool", job: JobId, count: int, first: int = 0) -> list[LeadId]:
    """Leads in list order with numbers +8190…"""
    rows = await pool.fetch(
        """WITH fresh AS (
               INSERT INTO batch (campaign, name)
               SELECT campaign, 'batch ' || ($3::bigint)::text FROM call_job WHERE id = $1
               RETURNING id, campaign)
           INSERT INTO lead (campaign, batch, number)
           SELECT fresh.campaign, fresh.id, '+8190' || lpad((n + $3)::text, 8, '0')
           FROM fresh, generate_series(1, $2::bigint) n ORDER BY n
           RETURNING id""",
        job,
        count,
        first,
    )
    return [row["id"] for row in rows]
