"""Customer lists come in clean, and what people see of a campaign is what happened."""

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx_bridge.core import facts as f
from pbx_bridge.core.errors import Refused
from pbx_bridge.core.ids import CampaignId, attempt_id
from pbx_bridge.ports.campaigns import Campaigns, NewJob, NewLead
from pbx_bridge.services.import_leads import Unusable, e164, normalise
from pbx_bridge.store.campaigns import CampaignRows
from pbx_bridge.store.claims import Claims
from pbx_bridge.store.facts import FactWriter
from tests.store.rows import NODE, add_agent, add_job, add_leads

if TYPE_CHECKING:
    from pbx_bridge.store.pool import Pool


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("090-1234-5678", "+819012345678"),
        ("０９０－１２３４－５６７８", "+819012345678"),
        ("(03) 3581-0101", "+81335810101"),
        ("+1 650 253 0000", "+16502530000"),
    ],
)
def test_numbers_as_people_write_them(written: str, number: str) -> None:
    assert e164(written) == number


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "not-a-number"),
        ("hello", "not-a-number"),
        ("12", "not-valid"),
        ("+81 90 1234 567", "not-valid"),
        ("0990-512345", "premium-rate"),
        ("03-3581-0101 ext. 5", "not-valid"),
    ],
)
def test_numbers_nobody_may_dial(written: str, reason: str) -> None:
    with pytest.raises(Unusable, match=reason):
        e164(written)


@given(st.lists(st.builds(NewLead, number=st.text(max_size=20), name=st.text(max_size=5), zone=st.text(max_size=5))))
def test_any_row_is_a_lead_or_an_error_with_its_line(rows: list[NewLead]) -> None:
    found = normalise(rows)
    assert len(found.leads) + len(found.errors) + found.duplicates == len(rows)
    assert all(1 <= error.line <= len(rows) for error in found.errors)


async def test_a_list_is_imported_without_doubles_and_forbidden_numbers(pool: "Pool") -> None:
    campaigns: Campaigns = CampaignRows(pool)
    campaign = await campaigns.create("Autumn")
    await pool.execute("INSERT INTO do_not_call (number) VALUES ('+819012345679')")
    batch = await campaigns.new_batch(campaign, "first")
    rows = [
        NewLead("090-1234-5678", "A", fields={"plan": "gold"}, line=2),
        NewLead("+81 90 1234 5678", "A again", line=3),
        NewLead("090-1234-5679", "does not want", line=4),
        NewLead("nobody", "B", line=6),
        NewLead("03-3581-0101", "C", zone="Moon/Crater", line=7),
        NewLead("090-1234-5670", "D", line=8),
    ]
    report = await campaigns.import_leads(batch, rows)
    assert (report.accepted, report.duplicates, report.do_not_call) == (2, 1, 1)
    assert [(error.line, error.field, error.reason) for error in report.errors] == [
        (6, "number", "not-a-number"),
        (7, "zone", "unknown-zone"),
    ]
    names = await pool.fetch("SELECT name, fields FROM lead ORDER BY id")
    assert [(row["name"], row["fields"]) for row in names] == [("A", {"plan": "gold"}), ("D", {})]
    again = await campaigns.import_leads(await campaigns.new_batch(campaign, "second"), rows[:1])
    assert (again.accepted, again.duplicates) == (0, 1)
    await pool.execute("UPDATE lead SET state = 'done'")
    anew = await campaigns.import_leads(await campaigns.new_batch(campaign, "third"), rows[:1])
    assert anew.accepted == 1
    (record,) = await campaigns.campaigns()
    assert record.leads == 3


async def test_what_is_not_there_is_refused(pool: "Pool") -> None:
    campaigns = CampaignRows(pool)
    await campaigns.create("Autumn")
    with pytest.raises(Refused):
        await campaigns.create("Autumn")
    with pytest.raises(Refused):
        await campaigns.create("")
    with pytest.raises(Refused):
        await campaigns.new_batch(CampaignId(99), "x")
    for batch in ("99", "x", "-1", "٣", "9" * 30):
        with pytest.raises(Refused):
            await campaigns.import_leads(batch, [])
    assert not await campaigns.save_response("x", await add_agent(pool, 1), "", "")


async def test_a_job_is_created_with_its_members(pool: "Pool") -> None:
    campaigns, agent = CampaignRows(pool), await add_agent(pool, 1)
    campaign = await campaigns.create("Autumn")
    job = await campaigns.create_job(NewJob(campaign, "Evening", "predictive", "+81312345678", members=(agent,)))
    with pytest.raises(Refused):
        await campaigns.create_job(NewJob(campaign, "Evening", "predictive", "+81312345678"))
    found = await campaigns.job(job)
    assert found is not None
    assert (found.campaign_name, found.members, found.running, found.results) == ("Autumn", [agent], False, {})
    assert await campaigns.run(job, True)
    assert (await campaigns.jobs())[0].running


async def test_a_conversation_is_written_down_by_its_agent(pool: "Pool") -> None:
    agent, other = await add_agent(pool, 1), await add_agent(pool, 2)
    job, now, campaigns = await add_job(pool, agent), time.time(), CampaignRows(pool)
    await add_leads(pool, job, 2)
    writer = FactWriter(pool, NODE)
    for lead in await Claims(pool).claim(job, 2, NODE, now):
        id = attempt_id(job, lead.id, 1)
        placed = f.AttemptPlaced(id, job, lead.id, lead.number, 1, now)
        connected = f.AttemptConnected(id, now + 5, agent, 0.2)
        ended = f.AttemptEnded(id, job, lead.id, now + 65, "connected", 16)
        await writer.commit([placed, f.AttemptAnswered(id, now + 5), connected, ended])
    first, second = await campaigns.response_records(agent, saved=False)
    assert await campaigns.save_response(first.id, agent, "sold", "call in May")
    assert not await campaigns.save_response(second.id, other, "mine now", "")
    (saved,) = await campaigns.response_records(agent, saved=True)
    assert (saved.disposition, saved.campaign) == ("sold", "Autumn")
    assert len(await campaigns.response_records(agent, saved=None)) == 2
    assert await campaigns.response_records(other, saved=None) == []
    progress = await campaigns.job(job)
    assert progress is not None
    assert (progress.leads, progress.leads_left, progress.answers_30d, progress.drops_30d) == (2, 0, 2, 0)
    assert progress.results == {"connected": 2}
