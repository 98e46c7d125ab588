-- Who had a call: each agent who placed it, answered it or was given it. `began` is the call's own beginning, so that an
-- agent's calls are one range of one index, newest first.
CREATE TABLE call_agent (
    agent bigint NOT NULL,
    began timestamptz NOT NULL,
    call text COLLATE "C" NOT NULL,
    PRIMARY KEY (agent, began, call)
);
INSERT INTO call_agent (agent, began, call)
SELECT agent, started_at, id FROM call WHERE agent IS NOT NULL
UNION
SELECT e.agent, c.started_at, c.id FROM call_event e JOIN call c ON c.id = e.call
WHERE e.agent IS NOT NULL AND e.kind IN ('answered', 'joined');
DROP INDEX call_by_agent;
