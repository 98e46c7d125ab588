-- name: run
UPDATE call_job SET running = $2, changed_at = to_timestamp($3) WHERE id = $1;

-- name: keep_pacer
INSERT INTO pacer_state (job, at, state) VALUES ($1, to_timestamp($2), $3)
ON CONFLICT (job) DO UPDATE SET at = excluded.at, state = excluded.state;

-- name: decide
INSERT INTO pacer_decision (job, at, dials, bound_by, explain) VALUES ($1, to_timestamp($2), $3, $4, $5);

-- name: explain
SELECT extract(epoch FROM at)::float8 AS at, dials, bound_by, explain
FROM pacer_decision WHERE job = $1 ORDER BY at DESC, id DESC LIMIT $2;

-- name: memory
SELECT j.id, j.campaign, j.running, p.state FROM call_job j LEFT JOIN pacer_state p ON p.job = j.id ORDER BY j.id;

-- name: ledger
-- Answered by a person: by an agent's ear or by nobody in time. A machine is neither. Five-minute buckets.
SELECT campaign, floor(extract(epoch FROM answered_at) / 300)::bigint AS bucket,
       count(*) AS answers, count(*) FILTER (WHERE result = 'abandoned') AS drops
FROM attempt
WHERE answered_at > to_timestamp($1) AND result IN ('connected', 'abandoned') AND NOT by_hand
GROUP BY campaign, bucket
ORDER BY bucket;

-- name: results
SELECT job, result, count(*) AS count
FROM attempt
WHERE placed_at >= to_timestamp($1) AND result IS NOT NULL
GROUP BY job, result;
