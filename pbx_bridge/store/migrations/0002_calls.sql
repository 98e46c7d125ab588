-- What happened: calls and their steps, recordings, the agents' time.
-- Telephone numbers collate "C": a prefix is then a plain range of an index.

-- The last batch of facts a node committed: a batch sent again after a lost answer finds itself here.
CREATE TABLE fact_commit (
    node text PRIMARY KEY,
    digest bytea NOT NULL,
    at timestamptz NOT NULL
);

CREATE TABLE call (
    id text COLLATE "C" PRIMARY KEY,
    node text NOT NULL,
    boot text NOT NULL,
    channel text NOT NULL,
    direction text NOT NULL CHECK (direction IN ('inbound', 'outbound', 'campaign', 'internal')),
    from_number text COLLATE "C" NOT NULL,
    to_number text COLLATE "C" NOT NULL,
    other_number text COLLATE "C" NOT NULL GENERATED ALWAYS AS
        (CASE WHEN direction = 'inbound' THEN from_number ELSE to_number END) STORED,
    started_at timestamptz NOT NULL,
    answered_at timestamptz,
    ended_at timestamptz,
    result text CHECK (result IN ('answered', 'abandoned', 'busy', 'no_answer', 'failed', 'lost')),
    cause integer NOT NULL DEFAULT 0,
    ended_by text NOT NULL DEFAULT 'unknown',
    waited_seconds double precision,
    talked_seconds double precision,
    center bigint,
    job bigint,
    attempt text COLLATE "C",
    agent bigint,
    terminal bigint,
    memo text NOT NULL DEFAULT '',
    UNIQUE (node, boot, channel),
    CHECK ((result IS NULL) = (ended_at IS NULL))
);
CREATE INDEX call_by_time ON call (started_at, id);
CREATE INDEX call_by_agent ON call (agent, started_at, id);
CREATE INDEX call_by_center ON call (center, started_at, id);
CREATE INDEX call_by_number ON call (other_number, started_at, id);
CREATE INDEX call_by_attempt ON call (attempt) WHERE attempt IS NOT NULL;
-- Open and lost calls are few: what recovery and the journal's repair look for.
CREATE INDEX call_unsettled ON call (node, started_at) WHERE result IS NULL OR result = 'lost';

CREATE TABLE call_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    call text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    center bigint,
    agent bigint,
    detail text NOT NULL DEFAULT ''
);
CREATE INDEX call_event_by_call ON call_event (call, at, id);

CREATE TABLE recording (
    call text COLLATE "C" PRIMARY KEY,
    node text NOT NULL,
    spool_path text NOT NULL,
    path text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'recording' CHECK (state IN ('recording', 'spooled', 'ready', 'failed')),
    started_at timestamptz NOT NULL,
    seconds double precision,
    rate integer NOT NULL DEFAULT 8000,
    channels smallint NOT NULL DEFAULT 2,
    bytes bigint,
    flags text[] NOT NULL DEFAULT '{}'
);
CREATE INDEX recording_unfinished ON recording (node, started_at) WHERE state IN ('recording', 'spooled');

CREATE TABLE status_interval (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    agent bigint NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz,
    condition text NOT NULL,
    status text NOT NULL,
    reason text NOT NULL,
    source text NOT NULL,
    terminal bigint,
    call text COLLATE "C",
    job bigint,
    ends_at timestamptz,
    pending text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX status_interval_open ON status_interval (agent) WHERE until IS NULL;
CREATE INDEX status_interval_by_time ON status_interval (since, id);
CREATE INDEX status_interval_by_agent ON status_interval (agent, since, id);

-- Who works from where now; the interval above says in which status.
CREATE TABLE sign_in (
    agent bigint PRIMARY KEY,
    terminal bigint NOT NULL,
    since timestamptz NOT NULL
);

CREATE TABLE raised_hand (
    agent bigint PRIMARY KEY,
    since timestamptz NOT NULL
);
