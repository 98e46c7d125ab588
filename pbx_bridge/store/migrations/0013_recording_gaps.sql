-- Where a recording holds laid silence, because its recorder wrote nothing.

ALTER TABLE recording ADD COLUMN gap_seconds double precision NOT NULL DEFAULT 0;

-- The recorded channel between two bridges. Asterisk's own book has the instants once it has the channel's end; until
-- then the story has them, as the bridge saw them.
CREATE VIEW recording_gap AS
SELECT r.call, booked.begun, booked.since, booked.until
FROM recording r
JOIN call c ON c.id = r.call
CROSS JOIN LATERAL (
    SELECT event, at AS since, lead(event) OVER (ORDER BY at, line_offset) AS next,
           lead(at) OVER (ORDER BY at, line_offset) AS until,
           min(at) FILTER (WHERE event = 'BRIDGE_ENTER') OVER () AS begun
    FROM cel
    WHERE cel.node = r.node AND uniqueid = regexp_replace(r.spool_path, '\.raw$', '')
      AND event IN ('BRIDGE_ENTER', 'BRIDGE_EXIT', 'CHAN_END')
      AND at BETWEEN c.started_at - interval '1 minute' AND coalesce(c.ended_at, now()) + interval '1 minute'
) AS booked
WHERE booked.event = 'BRIDGE_EXIT' AND booked.next = 'BRIDGE_ENTER'
UNION ALL
SELECT r.call, c.answered_at, s.since, s.until
FROM recording r
JOIN call c ON c.id = r.call
JOIN call_stretch s ON s.call = r.call AND s.kind = 'blind_transfer'
WHERE EXISTS (SELECT FROM call_event e WHERE e.call = r.call AND e.kind = 'joined' AND e.at = s.until)
  AND NOT EXISTS (
    SELECT FROM cel WHERE cel.node = r.node AND uniqueid = regexp_replace(r.spool_path, '\.raw$', '')
        AND event = 'CHAN_END' AND at BETWEEN c.started_at - interval '1 minute' AND c.ended_at + interval '1 minute');
