-- name: retire
-- All at once first, so that two centers may swap their extensions.
UPDATE center SET active = false WHERE active;

-- name: put
INSERT INTO center (id, name, extension, number, wrap_up_seconds, service_level_seconds, priority, recording, strategy,
                    treatment, keep_days)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (id) DO UPDATE
SET name = excluded.name, extension = excluded.extension, number = excluded.number,
    wrap_up_seconds = excluded.wrap_up_seconds, service_level_seconds = excluded.service_level_seconds,
    priority = excluded.priority, recording = excluded.recording, strategy = excluded.strategy,
    treatment = excluded.treatment, keep_days = excluded.keep_days, active = true;

-- name: forget_numbers
DELETE FROM dial_number WHERE function = 'center';

-- name: put_number
INSERT INTO dial_number (number, function, center)
SELECT $1, 'center', id FROM center WHERE active AND extension = $2
ON CONFLICT (number) DO UPDATE SET function = excluded.function, center = excluded.center;

-- name: centers
SELECT c.id, c.name, c.extension, c.number, c.wrap_up_seconds, c.service_level_seconds, c.priority, c.recording,
       c.strategy, c.treatment, c.keep_days,
       ARRAY(SELECT n.number FROM dial_number n WHERE n.center = c.id ORDER BY n.number) AS numbers
FROM center c WHERE c.active AND ($1::bigint IS NULL OR c.id = $1)
ORDER BY c.extension;

-- name: agents
SELECT m.center, m.agent, a.name, a.login, m.penalty AS skill
FROM center_member m JOIN account a ON a.id = m.agent AND a.active
WHERE $1::bigint IS NULL OR m.center = $1
ORDER BY m.center, m.penalty, a.name, a.id;

-- name: put_agent
INSERT INTO center_member (center, agent, penalty)
SELECT c.id, a.id, $3 FROM center c, account a
WHERE c.id = $1 AND c.active AND a.id = $2 AND a.active AND a.dial_id IS NOT NULL
ON CONFLICT (center, agent) DO UPDATE SET penalty = excluded.penalty
RETURNING true;

-- name: remove_agent
DELETE FROM center_member WHERE center = $1 AND agent = $2 RETURNING true;
