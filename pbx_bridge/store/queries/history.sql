-- Pages: the inner SELECT is a range of one index, at most a page long; names are joined to that page only.

-- name: calls
SELECT c.started_at AS key_at, c.id AS key_id, c.*,
       center.name AS center_name, campaign.name AS campaign_name, account.name AS agent_name,
       coalesce(recording.state = 'ready', false) AS has_recording
FROM (SELECT call.* FROM {calls} WHERE {where} {order}) c
LEFT JOIN center ON center.id = c.center
LEFT JOIN call_job ON call_job.id = c.job
LEFT JOIN campaign ON campaign.id = call_job.campaign
LEFT JOIN account ON account.id = c.agent
LEFT JOIN recording ON recording.call = c.id
ORDER BY c.started_at DESC, c.id DESC;

-- name: steps
-- How an answered call ended is told by who hung up.
SELECT e.at, e.kind, account.name AS agent,
       CASE WHEN e.kind = 'ended' AND e.detail = 'answered' AND c.ended_by <> 'unknown' THEN c.ended_by
            ELSE coalesce(nullif(e.detail, ''), center.name, '') END AS detail
FROM call_event e
JOIN call c ON c.id = e.call
LEFT JOIN account ON account.id = e.agent
LEFT JOIN center ON center.id = e.center
WHERE e.call = $1
ORDER BY e.at, e.id;

-- name: talks
SELECT s.agent AS agent_id, account.name AS agent, coalesce(nullif(s.number, ''), terminal.extension, '') AS number,
       s.since, extract(epoch FROM coalesce(s.until, c.ended_at, now()) - s.since)::float8 AS seconds
FROM call_stretch s
JOIN call c ON c.id = s.call
LEFT JOIN account ON account.id = s.agent
LEFT JOIN terminal ON s.kind = 'answered' AND terminal.id = c.terminal
WHERE s.call = $1 AND s.kind <> 'blind_transfer'
ORDER BY s.since;

-- name: recording
-- The recorder writes only while the channel is bridged, so its first sample is heard when the call is answered.
SELECT r.call, r.state, r.path, greatest(r.started_at, c.answered_at) AS started_at, r.seconds, r.rate, r.channels,
       r.bytes, r.flags, r.legal_hold
FROM recording r JOIN call c ON c.id = r.call
WHERE r.call = $1;

-- name: set_memo
UPDATE call SET memo = $2 WHERE id = $1 RETURNING true;

-- name: cdr
SELECT c.started_at AS key_at, c.id AS key_id, c.id::text AS id, c.started_at, c.answered_at, c.ended_at, c.src, c.dst,
       coalesce(c.dialed, c.dst) AS dialed, c.channel, c.dst_channel, c.context,
       ceil(extract(epoch FROM c.ended_at - c.started_at))::integer AS duration, c.billsec, c.disposition,
       c.uniqueid, c.linkedid
FROM (SELECT * FROM cdr WHERE {where} {order}) c
ORDER BY c.started_at DESC, c.id DESC;

-- name: activity
SELECT i.since AS key_at, i.id AS key_id, i.id::text AS id, coalesce(account.name, i.agent::text) AS agent,
       i.condition, i.status, i.reason, i.source, coalesce(terminal.extension, '') AS extension, i.call, i.since, i.until
FROM (SELECT * FROM status_interval WHERE {where} {order}) i
LEFT JOIN account ON account.id = i.agent
LEFT JOIN terminal ON terminal.id = i.terminal
ORDER BY i.since DESC, i.id DESC;

-- name: logins
SELECT e.at AS key_at, e.id AS key_id, e.id::text AS id, e.at, e.kind, e.what,
       coalesce(account.login, e.identity) AS account, e.origin
FROM (SELECT * FROM login_event WHERE {where} {order}) e
LEFT JOIN account ON account.id = e.account
ORDER BY e.at DESC, e.id DESC;

-- name: audit
SELECT a.at AS key_at, a.id AS key_id, a.id::text AS id, a.at, coalesce(account.login, '') AS actor, a.act, a.target,
       a.origin, a.detail
FROM (SELECT * FROM audit WHERE {where} {order}) a
LEFT JOIN account ON account.id = a.actor
ORDER BY a.at DESC, a.id DESC;
