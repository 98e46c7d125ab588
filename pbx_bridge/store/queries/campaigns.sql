-- name: campaigns
SELECT c.id, c.name, (SELECT count(*) FROM lead l WHERE l.campaign = c.id) AS leads,
       ARRAY(SELECT j.id FROM call_job j WHERE j.campaign = c.id ORDER BY j.id) AS jobs
FROM campaign c ORDER BY c.id;

-- name: create
INSERT INTO campaign (name) VALUES ($1) RETURNING id;

-- name: create_job
WITH fresh AS (
    INSERT INTO call_job (campaign, name, mode, rule, caller_number, caller_name, trunk)
    VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id
), members AS (
    INSERT INTO job_member (job, agent) SELECT fresh.id, agent FROM fresh, unnest($8::bigint[]) AS agent
)
SELECT id FROM fresh;

-- name: run
UPDATE call_job SET running = $2, changed_at = now() WHERE id = $1 RETURNING true;

-- name: jobs
-- The 30-day counters are the campaign's: that is what the rule counts over (16 CFR 310.4(b)(4)).
SELECT j.id, j.campaign, j.name, c.name AS campaign_name, j.mode, j.running,
       whole.leads, whole.leads_left, whole.leads - whole.leads_left AS leads_done,
       coalesce((SELECT jsonb_object_agg(result, n) FROM (
           SELECT result, count(*) AS n FROM attempt WHERE job = j.id AND result IS NOT NULL GROUP BY result) AS r),
           '{}') AS results,
       law.answers AS answers_30d, law.drops AS drops_30d,
       ARRAY(SELECT m.agent FROM job_member m WHERE m.job = j.id ORDER BY m.agent) AS members
FROM call_job j
JOIN campaign c ON c.id = j.campaign
CROSS JOIN LATERAL (
    SELECT count(*) AS leads, count(*) FILTER (WHERE l.state NOT IN ('done', 'excluded')) AS leads_left
    FROM lead l WHERE l.campaign = j.campaign) AS whole
CROSS JOIN LATERAL (
    SELECT count(*) AS answers, count(*) FILTER (WHERE a.result = 'abandoned') AS drops
    FROM attempt a
    WHERE a.campaign = j.campaign AND a.answered_at > now() - interval '30 days'
      AND a.result IN ('connected', 'abandoned') AND NOT a.by_hand) AS law
WHERE $1::bigint IS NULL OR j.id = $1
ORDER BY j.id;

-- name: exists
SELECT true FROM campaign WHERE id = $1;

-- name: batches
SELECT b.id::text AS id, b.name, b.created_at, count(l.id) AS leads,
       count(l.id) FILTER (WHERE l.state NOT IN ('done', 'excluded')) AS left
FROM batch b LEFT JOIN lead l ON l.batch = b.id
WHERE b.campaign = $1
GROUP BY b.id
ORDER BY b.created_at DESC, b.id DESC;

-- name: new_batch
INSERT INTO batch (campaign, name) VALUES ($1, $2) RETURNING id;

-- name: campaign_of_batch
SELECT campaign FROM batch WHERE id = $1;

-- name: stage_leads
CREATE TEMPORARY TABLE stage_lead (
    position integer, number text COLLATE "C", name text, zone text, fields text
) ON COMMIT DROP;

-- name: forbid
INSERT INTO do_not_call (number, reason) SELECT number, $2 FROM unnest($1::text[]) AS number
ON CONFLICT DO NOTHING
RETURNING number;

-- name: forbidden
SELECT count(*) FROM stage_lead s WHERE EXISTS (SELECT FROM do_not_call d WHERE d.number = s.number);

-- name: import
-- A number already waiting on another list of this campaign is a duplicate too; one that is done may be called anew.
WITH fresh AS (
    INSERT INTO lead (campaign, batch, number, name, zone, fields)
    SELECT $1, $2, s.number, s.name, s.zone, s.fields::jsonb
    FROM stage_lead s
    WHERE NOT EXISTS (SELECT FROM do_not_call d WHERE d.number = s.number)
      AND NOT EXISTS (SELECT FROM lead l WHERE l.campaign = $1 AND l.number = s.number AND l.state <> 'done')
    ORDER BY s.position
    ON CONFLICT (batch, number) DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM fresh;

-- name: response_records
-- Today's conversations and, from whatever day, those not written yet.
SELECT r.id::text AS id, (SELECT k.id FROM call k WHERE k.attempt = r.attempt LIMIT 1) AS call, c.name AS campaign,
       l.name AS lead_name, l.number, r.at, r.disposition, r.memo, r.saved
FROM response_record r
JOIN lead l ON l.id = r.lead
JOIN campaign c ON c.id = l.campaign
WHERE r.agent = $1 AND (r.at >= $3 OR NOT r.saved) AND ($2::boolean IS NULL OR r.saved = $2)
ORDER BY r.at DESC, r.id DESC
LIMIT 500;

-- name: save_response
UPDATE response_record SET disposition = $3, memo = $4, saved = true, saved_at = now()
WHERE id = $1 AND agent = $2
RETURNING true;
