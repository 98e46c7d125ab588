-- A call after a transfer: who had it from when to when, and when nobody did.

-- Stretches of answered calls in order: `answered` and `joined` with whom (`agent` when somebody was signed in there,
-- `number` the extension or outside number), `blind_transfer` with nobody, while it rings. `until` is empty in the last.
CREATE VIEW call_stretch AS
SELECT * FROM (
    SELECT call, kind, agent, CASE kind WHEN 'joined' THEN detail ELSE '' END AS number, at AS since,
           lead(at) OVER (PARTITION BY call ORDER BY at, id) AS until
    FROM call_event
    WHERE kind IN ('answered', 'joined', 'blind_transfer', 'ended')
) AS step
WHERE kind <> 'ended';
