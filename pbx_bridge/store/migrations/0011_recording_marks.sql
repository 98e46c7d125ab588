-- Notes at moments of a recording. They belong to the sound: what expires takes its marks with it.

CREATE TABLE recording_mark (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    call text COLLATE "C" NOT NULL REFERENCES recording ON DELETE CASCADE,
    -- Seconds from the recording's beginning.
    at double precision NOT NULL CHECK (at >= 0 AND at < 1e6),
    note text NOT NULL DEFAULT '',
    made_by bigint,
    made_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX recording_mark_by_call ON recording_mark (call, at, id);
