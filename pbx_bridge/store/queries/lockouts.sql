-- name: own_terminal
-- The terminal an account is given, or where it lately signed in.
SELECT EXISTS (SELECT FROM account AS a JOIN terminal AS t ON t.id = a.terminal
               WHERE a.dial_id = $1 AND t.extension = $2)
    OR EXISTS (SELECT FROM account AS a JOIN login_event AS e ON e.account = a.id
               WHERE a.dial_id = $1 AND e.kind = 'phone' AND e.what = 'signed_in' AND e.origin = $2
                 AND e.at > now() - interval '30 days');

-- name: locked
SELECT coalesce(max(extract(epoch FROM locked_until - now())), 0)::float8
FROM lockout WHERE kind = $1 AND subject = ANY ($2::text[]) AND locked_until > now();

-- name: fail
-- Counted again from one when the last try, or the lock it led to, is longer ago than $3 seconds.
INSERT INTO lockout AS l (kind, subject, failures, last_at) VALUES ($1, $2, 1, now())
ON CONFLICT (kind, subject) DO UPDATE
SET failures = CASE WHEN greatest(l.last_at, coalesce(l.locked_until, l.last_at)) < now() - make_interval(secs => $3)
                    THEN 1 ELSE l.failures + 1 END,
    last_at = now()
RETURNING failures;

-- name: lock
UPDATE lockout SET locked_until = now() + make_interval(secs => $3) WHERE kind = $1 AND subject = $2;

-- name: forget
DELETE FROM lockout WHERE kind = $1 AND subject = ANY ($2::text[]);

-- name: sweep
DELETE FROM lockout WHERE greatest(last_at, coalesce(locked_until, last_at)) < now() - interval '1 day';

-- name: note
INSERT INTO login_event (at, kind, what, account, identity, origin) VALUES (now(), $1, $2, $3, $4, $5);
