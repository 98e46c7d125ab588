-- name: of
SELECT m.id::text AS id, m.at, m.note, coalesce(account.name, '') AS made_by, m.made_at
FROM recording_mark m LEFT JOIN account ON account.id = m.made_by
WHERE m.call = $1
ORDER BY m.at, m.id;

-- name: hold
-- Two who mark a recording at once come one after the other; the second then counts the first one's mark.
SELECT seconds FROM recording WHERE call = $1 AND state = 'ready' FOR UPDATE;

-- name: count
SELECT count(*) FROM recording_mark WHERE call = $1;

-- name: add
INSERT INTO recording_mark (call, at, note, made_by) VALUES ($1, $2, $3, $4) RETURNING id::text;

-- name: change
UPDATE recording_mark SET at = coalesce($3, at), note = coalesce($4, note)
WHERE call = $1 AND id = $2 RETURNING at;

-- name: remove
DELETE FROM recording_mark WHERE call = $1 AND id = $2 RETURNING at;
