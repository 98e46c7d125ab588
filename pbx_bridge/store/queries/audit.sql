-- name: lock
-- One link at a time; held until the transaction ends.
SELECT pg_advisory_xact_lock(7062785);

-- name: last
SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1;

-- name: append
INSERT INTO audit (id, at, actor, act, target, origin, detail, previous, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: all
SELECT id, at, actor, act, target, origin, detail, previous, hash FROM audit ORDER BY id;
