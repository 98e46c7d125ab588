-- name: redials
-- For one agent ($1): their own, and anybody's of the campaigns they work.
SELECT r.id::text AS id, c.name AS campaign, l.name AS lead_name, l.number, r.due_at, r.agent,
       account.name AS agent_name, r.memo, CASE WHEN r.done THEN 'done' ELSE 'open' END AS state
FROM redial r
JOIN lead l ON l.id = r.lead
JOIN campaign c ON c.id = l.campaign
LEFT JOIN account ON account.id = r.agent
WHERE {where}
  AND ($1::bigint IS NULL OR r.agent = $1 OR (r.agent IS NULL AND EXISTS (
      SELECT FROM job_member m JOIN call_job j ON j.id = m.job WHERE m.agent = $1 AND j.campaign = l.campaign)))
ORDER BY r.due_at, r.id
LIMIT 500;

-- name: promise
INSERT INTO redial (lead, agent, due_at, memo)
SELECT r.lead, $3, $4, $5 FROM response_record r WHERE r.id = $1 AND r.agent = $2
RETURNING id::text;

-- name: change
-- Only as it was seen: of two who change it at once, one does.
UPDATE redial SET due_at = $2, agent = $3, memo = $4, done = $5
WHERE id = $1 AND due_at = $6 AND agent IS NOT DISTINCT FROM $7 AND done = $8
RETURNING true;

-- name: promised
-- A job that the agent works is the first choice, then the newest.
SELECT j.id AS job, j.rule -> 'window' AS window, (j.rule ->> 'max_per_number_per_day')::integer AS max_per_day,
       l.id, l.number, l.zone, l.dials AS attempts, l.attempts AS charged, dials_today(l.number, l.zone, now()) AS today,
       l.last_result, l.state = 'excluded' OR EXISTS (SELECT FROM do_not_call d WHERE d.number = l.number) AS forbidden,
       EXISTS (SELECT FROM attempt a WHERE a.number = l.number AND a.result = 'abandoned'
               AND a.placed_at > now() - interval '72 hours') AS resting,
       l.state IN ('dialing', 'claimed') AS dialing
FROM redial r
JOIN lead l ON l.id = r.lead
JOIN call_job j ON j.campaign = l.campaign
LEFT JOIN job_member m ON m.job = j.id AND m.agent = $2
WHERE r.id = $1
ORDER BY m.agent IS NULL, j.id DESC
LIMIT 1;
