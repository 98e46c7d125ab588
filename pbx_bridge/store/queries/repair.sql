-- What Asterisk's channel events say about calls the live view lost, or never saw.

-- name: horizon
-- Where the book of channel events has been read to.
SELECT max(at) FROM cel WHERE node = $1 AND event = 'CHAN_END';

-- name: repaired_to
SELECT repaired_to FROM journal_repair WHERE node = $1;

-- name: advance
INSERT INTO journal_repair (node, repaired_to) VALUES ($1, $2)
ON CONFLICT (node) DO UPDATE SET repaired_to = greatest(journal_repair.repaired_to, excluded.repaired_to);

-- name: unseen
-- First channels that ended in ($2, $3] without a call of that channel. The boot's name may have come only during
-- the channel's life: both its beginning and its end are asked.
SELECT b.uniqueid AS channel, b.boot, b.at AS started_at, e.at AS ended_at, b.caller_number, b.exten, b.context
FROM cel e
JOIN cel b ON b.node = e.node AND b.linkedid = e.uniqueid AND b.uniqueid = e.uniqueid AND b.event = 'CHAN_START'
          AND b.boot IN (e.boot, '') AND b.at BETWEEN e.at - interval '1 day' AND e.at
WHERE e.node = $1 AND e.event = 'CHAN_END' AND e.at > $2 AND e.at <= $3
  AND NOT EXISTS (SELECT FROM call c WHERE c.node = e.node AND c.boot IN (e.boot, b.boot) AND c.channel = b.uniqueid)
ORDER BY e.at
LIMIT $4;

-- name: others
-- The other channels that began for that first one.
SELECT channel FROM cel
WHERE node = $1 AND linkedid = $2 AND event = 'CHAN_START' AND uniqueid <> $2 AND boot IN ($3, '')
ORDER BY at;

-- name: unsettled
-- Open calls whose every channel has ended by $2, and lost ones of the last week whose every channel has ended by $3.
SELECT c.id, c.direction, c.answered_at IS NOT NULL AS answered, c.center IS NOT NULL AND c.direction <> 'outbound' AS queued,
       c.started_at,
       -- Only where nothing more becomes of a caller outside the hours: who may have asked for a call is owed one.
       (SELECT k.treatment -> 'calendar' FROM center k
        WHERE k.id = c.center AND c.direction <> 'outbound' AND coalesce(k.treatment #>> '{closed,then}', 'guidance') IN ('guidance', 'busy')
       ) AS calendar,
       (SELECT bool_or(e.kind = 'queued') FROM call_event e WHERE e.call = c.id) AS seen_queued,
       own.bridged_at, own.picked_up, own.promised, own.hangup, own.channel_name,
       whole.ended_at, whole.begun AS channels
FROM call c
CROSS JOIN LATERAL (
    SELECT min(e.at) FILTER (WHERE e.event = 'BRIDGE_ENTER' AND e.extra NOT LIKE '%holding_bridge%') AS bridged_at,
           coalesce(bool_or(e.event = 'ANSWER'), false) AS picked_up,
           coalesce(bool_or(e.user_type IN ('PbxCallbackAsked', 'PbxMessage')), false) AS promised,
           max(e.extra) FILTER (WHERE e.event = 'HANGUP') AS hangup,
           max(e.channel) FILTER (WHERE e.event = 'HANGUP') AS channel_name
    FROM cel e
    WHERE e.node = c.node AND e.uniqueid = c.channel AND e.boot IN (c.boot, '')
      AND e.at BETWEEN c.started_at - interval '1 minute' AND c.started_at + interval '1 day'
) AS own
CROSS JOIN LATERAL (
    SELECT max(e.at) AS ended_at, count(DISTINCT b.uniqueid) AS begun, count(DISTINCT e.uniqueid) AS ended
    FROM cel b
    LEFT JOIN cel e ON e.node = b.node AND e.uniqueid = b.uniqueid AND e.event = 'CHAN_END' AND e.at >= b.at
    WHERE b.node = c.node AND b.linkedid = c.channel AND b.event = 'CHAN_START' AND b.boot IN (c.boot, '')
      AND b.at BETWEEN c.started_at - interval '1 minute' AND c.started_at + interval '1 day'
) AS whole
WHERE c.node = $1 AND (c.result IS NULL OR (c.result = 'lost' AND c.started_at > $2::timestamptz - interval '7 days'))
  AND whole.begun > 0 AND whole.ended = whole.begun
  AND whole.ended_at <= CASE c.result WHEN 'lost' THEN $3 ELSE $2 END
LIMIT $4;

-- name: settle
UPDATE call
SET answered_at = coalesce(answered_at, $2::timestamptz),
    waited_seconds = CASE WHEN answered_at IS NOT NULL THEN waited_seconds
                          ELSE extract(epoch FROM coalesce($2, $3) - started_at) END,
    ended_at = $3, result = $4, cause = $5,
    ended_by = CASE $6 WHEN 'unknown' THEN ended_by ELSE $6 END,
    talked_seconds = extract(epoch FROM $3 - coalesce(answered_at, $2)) - coalesce((
        SELECT sum(extract(epoch FROM coalesce(until, $3) - since)) FROM call_stretch
        WHERE call_stretch.call = call.id AND kind = 'blind_transfer'), 0)
WHERE id = $1 AND (result IS NULL OR result = 'lost');

-- name: tell_answers
-- A conversation that nobody saw begin.
INSERT INTO call_event (call, at, kind)
SELECT id, answered_at, 'answered' FROM call c
WHERE id = ANY ($1::text[]) AND answered_at IS NOT NULL
  AND NOT EXISTS (SELECT FROM call_event e WHERE e.call = c.id AND e.kind = 'answered');

-- name: correct_ends
-- «lost» was told when it was noticed.
DELETE FROM call_event WHERE call = ANY ($1::text[]) AND kind = 'ended';

-- name: tell_ends
INSERT INTO call_event (call, at, kind, detail)
SELECT id, ended_at, 'ended', result FROM call WHERE id = ANY ($1::text[]);

-- name: end_recordings
UPDATE recording SET state = 'spooled' WHERE call = ANY ($1::text[]) AND state = 'recording';

-- name: tell
-- What the dialplan told of a caller in ($3, $4], or of the calls $2 at any time, becomes part of the call's story where
-- the live view, within seconds of it, did not hear the same.
WITH told AS (
    SELECT node, uniqueid, boot, at, user_type, extra FROM cel
    WHERE node = $1 AND user_type <> '' AND at > $3 AND at <= $4
    UNION
    SELECT e.node, e.uniqueid, e.boot, e.at, e.user_type, e.extra
    FROM call c JOIN cel e ON e.node = c.node AND e.uniqueid = c.channel AND e.user_type <> ''
    WHERE c.id = ANY ($2::text[])
), steps AS (
    SELECT c.id AS call, told.at, c.center, step.kind, step.detail
    FROM told
    JOIN call c ON c.node = told.node AND c.channel = told.uniqueid AND told.boot IN (c.boot, '')
                AND told.at BETWEEN c.started_at - interval '1 minute' AND c.started_at + interval '1 day'
    CROSS JOIN LATERAL (SELECT nullif(told.extra, '')::jsonb ->> 'extra' AS words) AS said
    CROSS JOIN LATERAL (
        SELECT 'turned_away' AS kind, split_part(words, ' ', 1) AS detail WHERE user_type = 'PbxTurnedAway'
        UNION ALL SELECT 'callback_offered', '' WHERE user_type = 'PbxTurnedAway' AND words LIKE '% callback'
        UNION ALL SELECT 'callback_asked', '' WHERE user_type = 'PbxCallbackAsked'
        UNION ALL SELECT 'message_left', '' WHERE user_type = 'PbxMessage'
    ) AS step
), unheard AS (
    INSERT INTO call_event (call, at, kind, center, detail)
    SELECT call, at, kind, center, detail FROM steps s
    WHERE NOT EXISTS (SELECT FROM call_event e WHERE e.call = s.call AND e.kind = s.kind
                      AND e.at BETWEEN s.at - interval '10 seconds' AND s.at + interval '10 seconds')
    RETURNING call
)
SELECT DISTINCT call FROM unheard;

-- name: promise
-- What a caller asked for became known after their call had ended.
WITH promised AS (
    UPDATE call SET result = 'callback'
    WHERE id = ANY ($1::text[]) AND result IN ('abandoned', 'closed') AND EXISTS (
        SELECT FROM call_event e WHERE e.call = call.id AND e.kind IN ('callback_asked', 'message_left'))
    RETURNING id
)
UPDATE call_event SET detail = 'callback' FROM promised WHERE call = promised.id AND kind = 'ended';

-- name: start
WITH fresh AS (
    INSERT INTO call (id, node, boot, channel, started_at, direction, from_number, to_number, center, job, attempt)
    SELECT $1, $2, $3, $4, $5, $6, $7, coalesce(a.number, $8),
           (SELECT k.id FROM center k WHERE k.active AND (k.number = $8 OR k.extension = $8 OR k.id =
            (SELECT n.center FROM dial_number n WHERE n.number = $8)) ORDER BY k.id LIMIT 1), a.job, $9
    FROM (SELECT) AS one LEFT JOIN attempt a ON a.id = $9
    ON CONFLICT DO NOTHING
    RETURNING id, started_at, center
)
INSERT INTO call_event (call, at, kind, center) SELECT id, started_at, 'arrived', center FROM fresh;

-- name: settle_attempts
-- An attempt the live view lost learns from its call what became of it; so does its lead, if nobody dialed it since.
WITH known AS (
    SELECT a.id, c.ended_at, c.cause, c.answered_at AS connected_at,
           CASE c.result WHEN 'answered' THEN 'connected' ELSE c.result END AS result,
           (SELECT min(e.at) FROM cel e
            WHERE e.node = c.node AND e.uniqueid = c.channel AND e.event = 'ANSWER' AND e.boot IN (c.boot, '')
           ) AS answered_at
    FROM attempt a JOIN call c ON c.attempt = a.id
    WHERE a.node = $1 AND a.result = 'lost' AND c.result <> 'lost'
), settled AS (
    UPDATE attempt
    SET result = known.result, ended_at = known.ended_at, cause = known.cause,
        answered_at = coalesce(attempt.answered_at, known.answered_at),
        connected_at = coalesce(attempt.connected_at, CASE known.result WHEN 'connected' THEN known.connected_at END)
    FROM known WHERE attempt.id = known.id
    RETURNING attempt.lead, attempt.result
), leads AS (
    UPDATE lead
    SET last_result = settled.result,
        state = CASE settled.result WHEN 'connected' THEN 'done' ELSE lead.state END,
        next_at = CASE settled.result WHEN 'connected' THEN NULL
                                      WHEN 'abandoned' THEN greatest(lead.next_at, now() + interval '72 hours')
                                      ELSE lead.next_at END
    FROM settled WHERE lead.id = settled.lead AND lead.state = 'retry' AND lead.last_result = 'lost'
)
SELECT count(*) FROM settled;

-- name: services
SELECT number FROM dial_number WHERE function IN ('sign-in', 'sign-out');

-- name: terminals
SELECT endpoint, extension, outside FROM terminal;
