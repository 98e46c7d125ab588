-- name: claim
-- In list order: leads whose retry time has come (or whose lease ran out), then those never dialed. A row another
-- node is just claiming is stepped over, never waited for. Parameters: job, campaign, count, node, now, lease seconds,
-- most attempts, most dials of a number a day.
WITH due AS (
    SELECT id FROM lead l
    WHERE campaign = $2 AND state = 'retry' AND next_at <= to_timestamp($5)
      AND attempts < $7 AND number_may_be_dialed(number, zone, to_timestamp($5), $8)
    ORDER BY next_at, id
    LIMIT $3 FOR UPDATE SKIP LOCKED
), stale AS (
    SELECT id FROM lead l
    WHERE campaign = $2 AND state = 'claimed' AND claimed_until <= to_timestamp($5)
      AND attempts < $7 AND number_may_be_dialed(number, zone, to_timestamp($5), $8)
    ORDER BY claimed_until, id
    LIMIT $3 FOR UPDATE SKIP LOCKED
), fresh AS (
    SELECT id FROM lead l
    WHERE campaign = $2 AND state = 'queued'
      AND attempts < $7 AND number_may_be_dialed(number, zone, to_timestamp($5), $8)
    ORDER BY id
    LIMIT $3 FOR UPDATE SKIP LOCKED
), chosen AS (
    SELECT id, min(rank) AS rank FROM (
        SELECT id, 1 AS rank FROM due UNION ALL SELECT id, 2 FROM stale UNION ALL SELECT id, 3 FROM fresh
    ) AS offered GROUP BY id ORDER BY min(rank), id LIMIT $3
), claimed AS (
    UPDATE lead
    SET state = 'claimed', claimed_job = $1, claimed_by = $4,
        claimed_until = to_timestamp($5) + make_interval(secs => $6)
    FROM chosen
    WHERE lead.id = chosen.id
    RETURNING lead.id, lead.number, lead.zone, lead.dials, lead.attempts, lead.last_result, chosen.rank
)
SELECT id, number, zone, dials, attempts, dials_today(number, zone, to_timestamp($5)) AS today, last_result,
       (SELECT extract(epoch FROM max(placed_at))::float8 FROM attempt WHERE attempt.lead = claimed.id) AS last_at
FROM claimed ORDER BY rank, id;

-- name: rule
SELECT campaign, (rule->>'max_attempts')::integer AS max_attempts,
       (rule->>'max_per_number_per_day')::integer AS max_per_day
FROM call_job WHERE id = $1;

-- name: release_job
UPDATE lead
SET state = CASE WHEN next_at IS NULL THEN 'queued' ELSE 'retry' END,
    claimed_by = NULL, claimed_job = NULL, claimed_until = NULL
WHERE campaign = (SELECT campaign FROM call_job WHERE id = $1) AND state = 'claimed' AND claimed_job = $1;

-- name: release_node
UPDATE lead
SET state = CASE WHEN next_at IS NULL THEN 'queued' ELSE 'retry' END,
    claimed_by = NULL, claimed_job = NULL, claimed_until = NULL
WHERE state = 'claimed' AND claimed_by = $1;

-- name: extend
UPDATE lead SET claimed_until = to_timestamp($2) + make_interval(secs => $3)
WHERE state = 'claimed' AND claimed_by = $1;
