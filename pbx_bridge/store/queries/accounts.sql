-- name: by_id
SELECT a.*, t.extension FROM account a LEFT JOIN terminal t ON t.id = a.terminal WHERE a.active AND a.id = $1;

-- name: by_login
SELECT a.*, t.extension FROM account a LEFT JOIN terminal t ON t.id = a.terminal WHERE a.active AND a.login = lower($1);

-- name: by_dial_id
SELECT a.*, t.extension FROM account a LEFT JOIN terminal t ON t.id = a.terminal WHERE a.active AND a.dial_id = $1;

-- name: all
SELECT a.*, t.extension FROM account a LEFT JOIN terminal t ON t.id = a.terminal WHERE a.active ORDER BY a.login;

-- name: create
INSERT INTO account (login, name, role, language, seat, password_hash, password_changed_at, dial_id, dial_hash, terminal)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, (SELECT id FROM terminal WHERE extension = $10))
RETURNING id;

-- name: create_first
INSERT INTO account (login, name, role, password_hash, password_changed_at)
SELECT $1, $2, 'administrator', $3, 'epoch' WHERE NOT EXISTS (SELECT FROM account)
RETURNING id;

-- name: lock
LOCK TABLE account IN SHARE ROW EXCLUSIVE MODE;

-- name: set_password
UPDATE account SET password_hash = $2, password_changed_at = $3 WHERE id = $1 RETURNING true;

-- name: set_dial_operation
UPDATE account SET dial_id = $2, dial_hash = $3 WHERE id = $1 RETURNING true;

-- name: changed
INSERT INTO password_change (account, what) VALUES ($1, $2);

-- name: close_sessions
DELETE FROM session WHERE account = $1;

-- name: update
UPDATE account
SET name = coalesce($2, name), language = coalesce($3, language), seat = coalesce($4, seat)
WHERE id = $1;

-- name: create_terminal
INSERT INTO terminal (extension, endpoint, sip_user, sip_password, language) VALUES ($1, $1, $1, $2, $3)
ON CONFLICT (extension) DO NOTHING
RETURNING id;

-- name: terminal_by_endpoint
SELECT id, extension, endpoint, language, outside FROM terminal WHERE endpoint = $1;

-- name: terminal_by_extension
SELECT id, extension, endpoint, language, outside FROM terminal WHERE extension = $1;

-- name: sip_credentials
SELECT sip_user, sip_password FROM terminal WHERE extension = $1 AND NOT outside;
