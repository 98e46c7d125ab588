-- An agent is signed in and out by phone, on the own page, by a supervisor, by API, by the system.
ALTER TABLE login_event
    DROP CONSTRAINT login_event_kind_check,
    ADD CONSTRAINT login_event_kind_check CHECK (kind IN ('phone', 'web', 'supervisor', 'system', 'api'));
