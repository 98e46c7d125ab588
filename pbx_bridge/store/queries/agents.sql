-- name: close_interval
UPDATE status_interval SET until = greatest(since, to_timestamp($2)) WHERE agent = $1 AND until IS NULL;

-- name: open_interval
INSERT INTO status_interval
    (agent, since, until, condition, status, reason, source, terminal, call, job, ends_at, pending)
VALUES ($1, to_timestamp($2), to_timestamp($3::float8), $4, $5, $6, $7, $8, $9, $10, to_timestamp($11::float8), $12);

-- name: sign_in
INSERT INTO sign_in (agent, terminal, since) VALUES ($1, $2, to_timestamp($3))
ON CONFLICT (agent) DO UPDATE SET terminal = excluded.terminal, since = excluded.since;

-- name: sign_out
DELETE FROM sign_in WHERE agent = $1;

-- name: login
INSERT INTO login_event (at, kind, what, account, identity, origin, reason)
SELECT to_timestamp($1), $5, $2, $3,
       coalesce((SELECT dial_id FROM account WHERE id = $3), ''),
       coalesce((SELECT extension FROM terminal WHERE id = $4), ''),
       $6;

-- name: raise_hand
INSERT INTO raised_hand (agent, since) VALUES ($1, to_timestamp($2)) ON CONFLICT (agent) DO NOTHING;

-- name: lower_hand
DELETE FROM raised_hand WHERE agent = $1;

-- name: signed_in
SELECT s.agent, s.terminal, coalesce(i.status, 'available') AS status,
       extract(epoch FROM coalesce(i.since, s.since))::float8 AS since,
       CASE WHEN i.condition = 'wrap_up' THEN extract(epoch FROM i.ends_at)::float8 END AS wrap_up_until,
       i.job, coalesce(i.condition, 'available') AS condition, coalesce(i.reason, '') AS reason, i.call,
       coalesce(i.pending, '') AS pending, extract(epoch FROM c.ended_at)::float8 AS ended_at,
       c.center AS ended_center, c.job AS ended_job
FROM sign_in s
LEFT JOIN status_interval i ON i.agent = s.agent AND i.until IS NULL
LEFT JOIN call c ON c.id = i.call AND i.condition IN ('ringing', 'talking', 'outgoing') AND c.ended_at IS NOT NULL
ORDER BY s.agent;
