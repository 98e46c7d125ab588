-- name: need
-- Ended calls of centers that met nobody, with a number one can dial. Closed calls only when the caller said more than
-- that they called. The strongest reason of a customer's calls stands.
WITH missed AS (
    SELECT c.id, c.center, home_number(c.from_number) AS number, c.ended_at AS at,
           bool_or(e.kind = 'message_left') AS message,
           bool_or(e.kind = 'callback_asked') AS asked,
           bool_or(e.kind = 'callback_offered') AS offered,
           bool_or(e.kind = 'turned_away') AS turned_away,
           c.result
    FROM call c LEFT JOIN call_event e ON e.call = c.id
    WHERE c.id = ANY ($1::text[]) AND c.direction = 'inbound' AND c.center IS NOT NULL
      AND c.result IN ('abandoned', 'callback', 'closed') AND c.from_number ~ '^\+?[0-9]{3,20}$'
      AND NOT EXISTS (SELECT FROM callback_call k WHERE k.call = c.id)
      -- A call the journal repairs may be older than the conversation that settled it.
      AND NOT EXISTS (SELECT FROM call later WHERE later.answered_at > c.ended_at AND later.direction <> 'internal'
                      AND later.other_number IN (c.from_number, home_number(c.from_number),
                                                 world_number(c.from_number)))
    GROUP BY c.id
), owed AS (
    SELECT *, CASE WHEN message THEN 'message' WHEN asked THEN 'asked' WHEN turned_away THEN 'overflowed'
                   ELSE 'abandoned' END AS reason
    FROM missed WHERE result = 'abandoned' OR message OR asked OR offered
), put AS (
    INSERT INTO callback AS b (center, number, reason, since, last_at, times, changed_at)
    SELECT center, number, (array_agg(reason ORDER BY array_position($2::text[], reason)))[1], min(at), max(at), count(*),
           max(at)
    FROM owed GROUP BY center, number
    ON CONFLICT (number, center) WHERE state IN ('open', 'in_progress') DO UPDATE
    SET times = b.times + excluded.times, last_at = greatest(b.last_at, excluded.last_at),
        reason = CASE WHEN array_position($2::text[], excluded.reason) < array_position($2::text[], b.reason)
                      THEN excluded.reason ELSE b.reason END
    RETURNING b.id, b.center, b.number
)
INSERT INTO callback_call (call, callback)
SELECT owed.id, put.id FROM owed JOIN put ON put.center = owed.center AND put.number = owed.number
ON CONFLICT DO NOTHING;

-- name: strengthen
-- More became known of calls that are listed already: what the caller wanted counts, not that they gave up.
UPDATE callback b
SET reason = CASE WHEN told.message THEN 'message' WHEN told.asked THEN 'asked' ELSE 'overflowed' END
FROM (SELECT k.callback, bool_or(e.kind = 'message_left') AS message, bool_or(e.kind = 'callback_asked') AS asked,
             bool_or(e.kind = 'turned_away') AS turned_away
      FROM callback_call k JOIN call_event e ON e.call = k.call
      WHERE k.call = ANY ($1::text[]) GROUP BY k.callback) AS told
WHERE b.id = told.callback AND b.state IN ('open', 'in_progress') AND (told.message OR told.asked OR told.turned_away)
  AND array_position($2::text[], CASE WHEN told.message THEN 'message' WHEN told.asked THEN 'asked'
                                      ELSE 'overflowed' END) < array_position($2::text[], b.reason);

-- name: close
-- Somebody has spoken with them since, whoever called whom.
UPDATE callback b
SET state = 'done', agent = coalesce(c.agent, b.agent), answered_by = c.id, changed_at = c.answered_at
FROM call c
WHERE c.id = ANY ($1::text[]) AND c.answered_at IS NOT NULL AND c.direction <> 'internal'
  AND b.number = home_number(c.other_number) AND b.state IN ('open', 'in_progress') AND c.answered_at >= b.last_at;

-- name: owed
SELECT k.id AS center, count(b.id) AS count
FROM center k LEFT JOIN callback b ON b.center = k.id AND b.state IN ('open', 'in_progress')
WHERE k.active GROUP BY k.id ORDER BY k.id;

-- name: page
SELECT b.since AS key_at, b.id AS key_id, b.id::text AS id, b.center, center.name AS center_name, b.number, b.reason,
       b.state, b.agent, account.name AS agent_name, b.since, b.last_at, b.times, b.changed_at, b.answered_by, b.memo,
       ARRAY(SELECT k.call FROM callback_call k JOIN call c ON c.id = k.call WHERE k.callback = b.id
             ORDER BY c.started_at DESC LIMIT 20) AS calls
FROM (SELECT * FROM callback WHERE {where} {order}) b
LEFT JOIN center ON center.id = b.center
LEFT JOIN account ON account.id = b.agent
ORDER BY b.since DESC, b.id DESC;

-- name: change
-- Only from the state, and the hand, it was seen in: of two who take one at once, one does.
UPDATE callback SET state = $3, agent = $4, memo = coalesce($5, memo), changed_at = now()
WHERE id = $1 AND state = $2 AND agent IS NOT DISTINCT FROM $6
RETURNING true;

-- name: centers_of
SELECT center FROM center_member WHERE agent = $1;
