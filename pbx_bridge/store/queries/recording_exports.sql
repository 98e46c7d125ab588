-- Archives of recordings: waiting while they are made, ready to be fetched, expired when they were kept their days.

-- name: ask
INSERT INTO recording_export (id, node, account, calls) VALUES ($1, $2, $3, $4) RETURNING asked_at;

-- name: find
SELECT id, account, asked_at, state, cardinality(calls) AS calls, done, packed, bytes, reason
FROM recording_export WHERE id = $1;

-- name: place
SELECT path, bytes, seconds FROM recording_export WHERE id = $1 AND node = $2 AND state = 'ready';

-- name: next
SELECT e.id, e.calls, coalesce(account.login, e.account::text) AS by, e.asked_at
FROM recording_export e LEFT JOIN account ON account.id = e.account
WHERE e.node = $1 AND e.state = 'waiting'
ORDER BY e.asked_at
LIMIT 1;

-- name: exportable
SELECT call.id AS call, CASE WHEN r.state = 'ready' AND r.node = $1 THEN r.path ELSE '' END AS path,
       coalesce(r.started_at, call.started_at) AS started_at, call.direction, call.from_number, call.to_number,
       coalesce(center.name, '') AS center, coalesce(account.name, '') AS agent,
       r.seconds, call.talked_seconds, coalesce(r.flags, '{}') AS flags, coalesce(r.sha256, '') AS sha256
FROM unnest($2::text[]) WITH ORDINALITY AS asked (call, place)
JOIN call ON call.id = asked.call
LEFT JOIN recording r ON r.call = call.id
LEFT JOIN center ON center.id = call.center
LEFT JOIN account ON account.id = call.agent
ORDER BY asked.place;

-- name: progressed
UPDATE recording_export SET done = $2, part_bytes = $3 WHERE id = $1 AND state = 'waiting';

-- name: finished
UPDATE recording_export
SET state = 'ready', done = cardinality(calls), path = $2, bytes = $3, packed = $4, seconds = $5, finished_at = now()
WHERE id = $1 AND state = 'waiting'


-- name: failed
UPDATE recording_export SET state = 'failed', reason = $2, finished_at = now() WHERE id = $1 AND state = 'waiting';

-- name: due
SELECT path FROM recording_export
WHERE node = $1 AND state = 'ready' AND finished_at + interval '24 hours' * $2 <= now();

-- name: expired
UPDATE recording_export SET state = 'expired' WHERE path = $1 AND state = 'ready';
