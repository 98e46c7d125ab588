-- name: open
INSERT INTO session (token_hash, account, csrf, address, idle_seconds, expires_at)
VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $5));

-- name: find
-- Using it pushes its end forward; at most every minute, or a busy page would write on each request.
WITH living AS (
    SELECT * FROM session WHERE token_hash = $1 AND expires_at > now()
), pushed AS (
    UPDATE session s SET expires_at = now() + make_interval(secs => s.idle_seconds)
    FROM living
    WHERE s.token_hash = living.token_hash
      AND s.expires_at < now() + make_interval(secs => s.idle_seconds) - least(s.idle_seconds / 10, 60) * interval '1 s'
    RETURNING s.expires_at
)
SELECT living.csrf, coalesce((SELECT expires_at FROM pushed), living.expires_at) AS session_expires_at,
       a.*, t.extension
FROM living JOIN account a ON a.id = living.account AND a.active LEFT JOIN terminal t ON t.id = a.terminal;

-- name: close
DELETE FROM session WHERE token_hash = $1;

-- name: close_others
DELETE FROM session WHERE account = $1 AND token_hash IS DISTINCT FROM $2 RETURNING token_hash;

-- name: sweep
DELETE FROM session WHERE expires_at < now();
