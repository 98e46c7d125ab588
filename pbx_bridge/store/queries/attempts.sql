-- name: hold_number
-- Two nodes placing the same number (on two lists) go one after the other, so that its daily limit holds.
SELECT pg_advisory_xact_lock(hashtextextended($1, 0));

-- name: take_lead
-- The fence: only the node whose claim it is may dial, only once, and not if a rule came between claim and dial.
UPDATE lead
SET state = 'dialing', dials = greatest(dials, $4), claimed_by = NULL, claimed_job = NULL, claimed_until = NULL
WHERE id = $1 AND state = 'claimed' AND claimed_by = $2 AND claimed_job = $3
  AND number_may_be_dialed(number, zone, to_timestamp($5),
      (SELECT (rule->>'max_per_number_per_day')::integer FROM call_job WHERE id = $3))
RETURNING campaign;

-- name: take_promised
-- By hand: whatever became of the lead before, as long as nobody else is dialing it or may be about to.
UPDATE lead
SET state = 'dialing', dials = greatest(dials, $3), next_at = NULL
WHERE id = $1 AND state IN ('queued', 'retry', 'done')
  AND number_may_be_dialed(number, zone, to_timestamp($4),
      (SELECT (rule->>'max_per_number_per_day')::integer FROM call_job WHERE id = $2))
RETURNING campaign;

-- name: place
INSERT INTO attempt (id, node, job, lead, campaign, number, ordinal, placed_at, answer_probability, by_hand)
VALUES ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8), $9, $10);

-- name: release
-- Back to the list undialed, for later where a time is given.
UPDATE lead
SET next_at = CASE WHEN $4::float8 > $5::float8 THEN to_timestamp($4) ELSE next_at END,
    state = CASE WHEN $4 > $5 OR next_at IS NOT NULL THEN 'retry' ELSE 'queued' END,
    claimed_by = NULL, claimed_job = NULL, claimed_until = NULL
WHERE id = $1 AND state = 'claimed' AND claimed_by = $2 AND claimed_job = $3;

-- name: answer
UPDATE attempt SET answered_at = coalesce(answered_at, to_timestamp($2)) WHERE id = $1;

-- name: connect
UPDATE attempt
SET connected_at = to_timestamp($2), answered_at = coalesce(answered_at, to_timestamp($2)),
    agent = $3, waited_seconds = $4
WHERE id = $1 AND connected_at IS NULL;

-- name: begin_record
INSERT INTO response_record (attempt, lead, agent, at)
SELECT id, lead, $2, to_timestamp($3) FROM attempt WHERE id = $1
ON CONFLICT (attempt) DO NOTHING;

-- name: keep_promise
-- Whoever was to be called again has been spoken with.
UPDATE redial SET done = true FROM attempt WHERE attempt.id = $1 AND redial.lead = attempt.lead AND NOT redial.done;

-- name: end
WITH ended AS (
    UPDATE attempt
    SET ended_at = to_timestamp($2), result = $3, cause = $4, charged = $5
    WHERE id = $1 AND ended_at IS NULL
    RETURNING lead
)
UPDATE lead
SET state = CASE WHEN lead.state = 'excluded' THEN 'excluded' WHEN $6::float8 IS NULL THEN 'done' ELSE 'retry' END,
    next_at = to_timestamp($6::float8),
    attempts = attempts + $5::boolean::integer,
    last_result = $3,
    claimed_by = NULL, claimed_job = NULL, claimed_until = NULL
FROM ended
WHERE lead.id = ended.lead;

-- name: open
SELECT id, job, lead, number, ordinal, extract(epoch FROM placed_at)::float8 AS placed_at,
       extract(epoch FROM answered_at)::float8 AS answered_at,
       extract(epoch FROM connected_at)::float8 AS connected_at, agent
FROM attempt
WHERE node = $1 AND ended_at IS NULL
ORDER BY placed_at, id;
