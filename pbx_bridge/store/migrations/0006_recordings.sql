-- What is known of a recording once it is at rest, how long it is kept, and archives of many.

ALTER TABLE recording
    -- Shares of its length, 0 to 1: the agent talks, the other party talks, nobody does, both do.
    ADD COLUMN agent_share real,
    ADD COLUMN other_share real,
    ADD COLUMN silence_share real,
    ADD COLUMN overtalk_share real,
    -- The call's talked seconds that `seconds` was compared with; the call's own row may be corrected later.
    ADD COLUMN talked_seconds double precision,
    ADD COLUMN sha256 text NOT NULL DEFAULT '',
    ADD COLUMN kept_at timestamptz,
    -- Held for a dispute or by law: never expires while this is set.
    ADD COLUMN legal_hold boolean NOT NULL DEFAULT false,
    ADD COLUMN expired_at timestamptz,
    DROP CONSTRAINT recording_state_check,
    ADD CONSTRAINT recording_state_check
        CHECK (state IN ('recording', 'spooled', 'ready', 'failed', 'expired'));
CREATE INDEX recording_kept ON recording (node, started_at) WHERE state = 'ready';
CREATE INDEX recording_by_spool ON recording (node, spool_path);

-- Days that recordings of the center's calls are kept; without a number the service's own setting holds.
ALTER TABLE center ADD COLUMN keep_days integer CHECK (keep_days BETWEEN 1 AND 36500);

CREATE TABLE recording_export (
    id text COLLATE "C" PRIMARY KEY,
    node text NOT NULL,
    account bigint NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now(),
    calls text[] COLLATE "C" NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'ready', 'failed', 'expired')),
    -- Where a restart goes on: calls dealt with, and the bytes of an archive that is whole up to there.
    done integer NOT NULL DEFAULT 0,
    part_bytes bigint NOT NULL DEFAULT 0,
    packed integer,
    seconds double precision,
    path text NOT NULL DEFAULT '',
    bytes bigint,
    reason text NOT NULL DEFAULT '',
    finished_at timestamptz
);
CREATE INDEX recording_export_waiting ON recording_export (node, asked_at) WHERE state = 'waiting';
CREATE INDEX recording_export_ready ON recording_export (node, finished_at) WHERE state = 'ready';
CREATE INDEX recording_export_by_account ON recording_export (account, asked_at DESC);
