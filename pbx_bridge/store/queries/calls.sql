-- name: start
INSERT INTO call (id, node, boot, channel, started_at, direction, from_number, to_number, center, job, attempt, agent,
                  reason)
VALUES ($1, $2, $3, $4, to_timestamp($5), $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT DO NOTHING;

-- name: answer
-- The first answer is when talking began; later ones (a transfer, a second agent) only say who has it now.
UPDATE call
SET answered_at = coalesce(answered_at, to_timestamp($2)),
    agent = coalesce($3, agent),
    terminal = coalesce($4, terminal),
    waited_seconds = coalesce(waited_seconds, $5)
WHERE id = $1;

-- name: had
-- The agent placed it, answered it or was given it.
INSERT INTO call_agent (agent, began, call) SELECT $2, started_at, id FROM call WHERE id = $1
ON CONFLICT DO NOTHING;

-- name: step
INSERT INTO call_event (call, at, kind, center, agent, detail) VALUES ($1, to_timestamp($2), $3, $4, $5, $6);

-- name: reach_center
UPDATE call SET center = $2 WHERE id = $1 AND center IS DISTINCT FROM $2;

-- name: record
INSERT INTO recording (call, node, spool_path, started_at) VALUES ($1, $2, $3, to_timestamp($4))
ON CONFLICT (call) DO NOTHING;

-- name: end
-- Written once: only a row without an end, or one we had given up for lost, takes one. Who left a center unanswered
-- waited while they were in its queue: not at all, if that was in the greeting.
UPDATE call
SET ended_at = to_timestamp($2),
    result = $3,
    cause = $4,
    ended_by = $5,
    waited_seconds = coalesce(waited_seconds, CASE
        WHEN center IS NULL OR direction = 'outbound' THEN extract(epoch FROM to_timestamp($2) - started_at)
        ELSE (SELECT coalesce(extract(epoch FROM
                coalesce(max(at) FILTER (WHERE kind = 'left_queue'), to_timestamp($2))
                - min(at) FILTER (WHERE kind = 'queued')), 0) FROM call_event WHERE call = $1)
        END),
    talked_seconds = extract(epoch FROM to_timestamp($2) - answered_at) - coalesce((
        SELECT sum(extract(epoch FROM coalesce(until, to_timestamp($2)) - since)) FROM call_stretch
        WHERE call_stretch.call = call.id AND kind = 'blind_transfer'), 0)
WHERE id = $1 AND (result IS NULL OR (result = 'lost' AND $3 <> 'lost'));

-- name: tell_end
-- As the row: once, and «lost» only until more is known.
WITH given_up AS (DELETE FROM call_event WHERE call = $1 AND kind = 'ended' AND detail = 'lost' AND $3 <> 'lost')
INSERT INTO call_event (call, at, kind, detail)
SELECT $1, to_timestamp($2), 'ended', $3
WHERE NOT EXISTS (SELECT FROM call_event WHERE call = $1 AND kind = 'ended' AND (detail <> 'lost' OR $3 = 'lost'));

-- name: end_recording
UPDATE recording SET state = 'spooled' WHERE call = $1 AND state = 'recording';

-- name: open
SELECT id, boot, channel, direction, extract(epoch FROM started_at)::float8 AS started_at,
       answered_at IS NOT NULL AS answered, center, job, attempt, c.agent,
       from_number, to_number,
       EXISTS (SELECT FROM call_event e WHERE e.call = c.id AND e.kind IN ('callback_asked', 'message_left')) AS promised,
       talk.agent AS talks_with, coalesce(talk.number, '') AS partner,
       (SELECT regexp_replace(spool_path, '\.raw$', '') FROM recording r WHERE r.call = c.id) AS recorder,
       (SELECT CASE e.kind WHEN 'recording_paused' THEN extract(epoch FROM e.at)::float8 END
        FROM call_event e WHERE e.call = c.id AND e.kind IN ('recording_paused', 'recording_resumed')
        ORDER BY e.at DESC, e.id DESC LIMIT 1) AS paused_at,
       CASE last.kind WHEN 'queued' THEN 'waiting' WHEN 'held' THEN 'held'
                      WHEN 'answered' THEN 'talking' WHEN 'joined' THEN 'talking' WHEN 'resumed' THEN 'talking'
                      ELSE 'ringing' END AS state,
       extract(epoch FROM coalesce(last.at, c.started_at))::float8 AS state_since,
       CASE last.kind WHEN 'queued' THEN coalesce(nullif(last.detail, '')::int, 0) ELSE 0 END AS position
FROM call c
LEFT JOIN LATERAL (
    SELECT e.kind, e.at, e.detail FROM call_event e
    WHERE e.call = c.id
      AND e.kind IN ('queued', 'left_queue', 'answered', 'joined', 'held', 'resumed', 'blind_transfer')
    ORDER BY e.at DESC, e.id DESC LIMIT 1
) AS last ON true
LEFT JOIN LATERAL (
    SELECT s.agent, coalesce(nullif(s.number, ''), terminal.extension) AS number
    FROM call_stretch s LEFT JOIN terminal ON terminal.id = c.terminal
    WHERE s.call = c.id AND s.kind <> 'blind_transfer' ORDER BY s.since DESC LIMIT 1
) AS talk ON true
WHERE node = $1 AND result IS NULL
ORDER BY started_at, id;
