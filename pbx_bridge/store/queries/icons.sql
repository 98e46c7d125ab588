-- name: find
SELECT media_type, body FROM account_icon WHERE account = $1;

-- name: put
INSERT INTO account_icon (account, media_type, body) VALUES ($1, $2, $3)
ON CONFLICT (account) DO UPDATE SET media_type = excluded.media_type, body = excluded.body, changed_at = now();

-- name: remove
DELETE FROM account_icon WHERE account = $1;

-- name: name
UPDATE account SET icon = $2 WHERE id = $1;
