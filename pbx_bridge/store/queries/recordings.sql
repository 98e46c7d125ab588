-- The way of a recording: spooled when its call is over, ready when the vault has it, expired when it was kept its days.

-- name: waiting
-- Calls that are over and whose sound nobody has taken from this node's spool yet. Asterisk says nothing when the
-- recorder has written its last block, which is milliseconds after the hang-up: half a second is on the safe side.
SELECT recording.call, recording.spool_path, recording.started_at, call.talked_seconds, gaps.at, gaps.seconds,
       coalesce(call.result = 'lost', true) AS lost
FROM recording JOIN call ON call.id = recording.call
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(extract(epoch FROM g.since - g.begun)::float8 ORDER BY g.since), '{}') AS at,
           coalesce(array_agg(extract(epoch FROM g.until - g.since)::float8 ORDER BY g.since), '{}') AS seconds
    FROM recording_gap g WHERE g.call = recording.call
) AS gaps
WHERE recording.node = $1 AND recording.state = 'spooled'
    AND (call.ended_at IS NULL OR call.ended_at < now() - interval '500 ms')
    AND recording.call <> ALL ($3::text[])
ORDER BY call.ended_at DESC NULLS LAST
LIMIT $2;

-- name: kept
UPDATE recording
SET state = 'ready', path = $2, seconds = $3, rate = $4, channels = $5, bytes = $6, flags = $7, sha256 = $8,
    talked_seconds = $9, agent_share = $10, other_share = $11, silence_share = $12, overtalk_share = $13,
    gap_seconds = $14,
    kept_at = now()
WHERE call = $1 AND state <> 'expired';

-- name: failed
UPDATE recording SET state = 'failed', flags = ARRAY[$2] WHERE call = $1 AND state <> 'expired';

-- name: find
SELECT path FROM recording WHERE call = $1 AND state = 'ready';

-- name: find_spooled
SELECT spool_path, started_at FROM recording WHERE call = $1 AND node = $2 AND state = 'spooled'
    AND NOT EXISTS (SELECT FROM call_stretch s WHERE s.call = $1 AND s.kind = 'blind_transfer'); -- its gaps come later

-- name: living
-- Somebody has talked with the customer for so long. While a transfer rings nobody does, and nothing is written.
SELECT recording.call, recording.spool_path
FROM recording
JOIN call ON call.id = recording.call
CROSS JOIN LATERAL (
    SELECT kind, since FROM call_stretch s WHERE s.call = recording.call ORDER BY since DESC LIMIT 1
) AS last
WHERE recording.node = $1 AND recording.state = 'recording' AND call.ended_at IS NULL
    AND last.kind <> 'blind_transfer'
    AND greatest(last.since, recording.started_at) < now() - make_interval(secs => $2);

-- name: close
-- The last word on the call came from the journal, not from a fact.
UPDATE recording SET state = 'spooled'
FROM call
WHERE call.id = recording.call AND recording.node = $1 AND recording.state = 'recording'
    AND call.ended_at < now() - interval '30 s'
RETURNING recording.call;

-- name: compare
UPDATE recording
SET talked_seconds = call.talked_seconds,
    flags = array_remove(flags, 'short')
            || CASE WHEN seconds - gap_seconds < call.talked_seconds - $2 THEN ARRAY['short'] ELSE ARRAY[]::text[] END
FROM call
WHERE call.id = recording.call AND recording.node = $1 AND recording.state = 'ready'
    AND recording.kept_at > now() - interval '8 days'
    AND recording.talked_seconds IS DISTINCT FROM call.talked_seconds
RETURNING recording.call, 'short' = ANY (flags) AS short;

-- name: claimed
-- A file written to after its namesake was kept is another one: two lives of Asterisk may give the same uniqueid.
SELECT spool_path, bool_or(kept_at IS NOT NULL) AS safe
FROM recording JOIN unnest($2::text[], $3::timestamptz[]) AS file (name, written_at) ON file.name = spool_path
WHERE node = $1 AND (kept_at IS NULL OR kept_at >= written_at)
GROUP BY spool_path;

-- name: adopt
-- The recorded channel began the call, or belongs to it; and its recorder fell silent while the call lived.
INSERT INTO recording (call, node, spool_path, state, started_at)
SELECT call.id, call.node, $2, 'spooled', coalesce(call.answered_at, call.started_at)
FROM call
WHERE call.node = $1 AND call.ended_at IS NOT NULL
    AND (call.channel = $3
         OR call.channel IN (SELECT linkedid FROM cel WHERE node = $1 AND uniqueid = $3 AND event = 'CHAN_START'))
    AND $4 BETWEEN call.started_at AND call.ended_at + interval '1 minute'
ORDER BY call.ended_at
LIMIT 1
ON CONFLICT (call) DO NOTHING
RETURNING call;

-- name: due
SELECT recording.call
FROM recording
JOIN call ON call.id = recording.call
LEFT JOIN center ON center.id = call.center
WHERE recording.node = $1 AND recording.state = 'ready' AND NOT recording.legal_hold
    AND coalesce(call.ended_at, recording.started_at) + interval '24 hours' * coalesce(center.keep_days, $2) <= now()
ORDER BY recording.started_at
LIMIT $3;

-- name: lock_unheld
SELECT path, seconds, sha256
FROM recording WHERE call = $1 AND state = 'ready' AND NOT legal_hold FOR UPDATE;

-- name: expired
WITH marks AS (DELETE FROM recording_mark WHERE call = $1)
UPDATE recording SET state = 'expired', expired_at = now() WHERE call = $1;

-- name: hold
UPDATE recording SET legal_hold = $2 WHERE call = $1 AND state <> 'expired' RETURNING true;
