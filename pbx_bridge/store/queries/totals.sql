-- name: today
-- An answered call counts for the day it began on; abandoned is a caller who reached the center and gave up.
SELECT c.center, count(*) FILTER (WHERE c.answered_at IS NOT NULL) AS answered,
       count(*) FILTER (WHERE c.result = 'abandoned') AS abandoned,
       count(*) FILTER (WHERE c.answered_at IS NOT NULL AND c.waited_seconds <= k.service_level_seconds)
           AS within_service_level
FROM call c JOIN center k ON k.id = c.center
WHERE c.started_at >= to_timestamp($1) AND c.direction <> 'outbound' -- callers only
GROUP BY c.center
ORDER BY c.center;
