-- The way of a recording: spooled while the call lives, ready when the vault has it.

-- name: waiting
-- Calls that are over and whose sound nobody has taken from this node's spool yet. Asterisk says nothing when the
-- recorder has written its last block, which is milliseconds after the hang-up: half a second is on the safe side.
SELECT recording.call, recording.spool_path, recording.started_at, call.talked_seconds
FROM recording JOIN call ON call.id = recording.call
WHERE recording.node = $1 AND recording.state = 'spooled'
    AND (call.ended_at IS NULL OR call.ended_at < now() - interval '500 ms')
ORDER BY recording.started_at
LIMIT $2;

-- name: kept
UPDATE recording
SET state = 'ready', path = $2, seconds = $3, rate = $4, channels = $5, bytes = $6, flags = $7
WHERE call = $1;

-- name: failed
UPDATE recording SET state = 'failed', flags = ARRAY[$2] WHERE call = $1;

-- name: find
SELECT path FROM recording WHERE call = $1 AND state = 'ready';
