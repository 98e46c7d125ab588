-- Asterisk's own books, line for line. A line is named by where it lies: the node, the digest of its file's
-- first line, its byte offset. Reading a line twice therefore changes nothing.

CREATE TABLE cdr (
    id bigint GENERATED ALWAYS AS IDENTITY,
    node text NOT NULL,
    file bytea NOT NULL,
    line_offset bigint NOT NULL,
    boot text NOT NULL,
    uniqueid text NOT NULL,
    linkedid text NOT NULL,
    sequence bigint NOT NULL,
    started_at timestamptz NOT NULL,
    answered_at timestamptz,
    ended_at timestamptz NOT NULL,
    duration integer NOT NULL,
    billsec integer NOT NULL,
    disposition text NOT NULL,
    clid text NOT NULL,
    src text COLLATE "C" NOT NULL,
    dst text COLLATE "C" NOT NULL,
    context text NOT NULL,
    channel text NOT NULL,
    dst_channel text NOT NULL,
    last_app text NOT NULL,
    last_data text NOT NULL,
    account_code text NOT NULL,
    peer_account text NOT NULL,
    user_field text NOT NULL,
    PRIMARY KEY (node, file, line_offset)
);
CREATE INDEX cdr_by_time ON cdr (started_at, id);
CREATE INDEX cdr_by_src ON cdr (src, started_at);
CREATE INDEX cdr_by_dst ON cdr (dst, started_at);
CREATE INDEX cdr_by_call ON cdr (node, boot, linkedid);

CREATE TABLE cel (
    node text NOT NULL,
    file bytea NOT NULL,
    line_offset bigint NOT NULL,
    boot text NOT NULL,
    uniqueid text NOT NULL,
    linkedid text NOT NULL,
    at timestamptz NOT NULL,
    event text NOT NULL,
    channel text NOT NULL,
    caller_number text NOT NULL,
    caller_name text NOT NULL,
    context text NOT NULL,
    exten text NOT NULL,
    app text NOT NULL,
    app_data text NOT NULL,
    peer text NOT NULL,
    user_type text NOT NULL,
    extra text NOT NULL,
    PRIMARY KEY (node, file, line_offset)
);
CREATE INDEX cel_by_channel ON cel (node, uniqueid, at);
-- Which channels began for which call; what ended lately.
CREATE INDEX cel_beginnings ON cel (node, linkedid) WHERE event = 'CHAN_START';
CREATE INDEX cel_ends ON cel (node, at) WHERE event = 'CHAN_END';

CREATE TABLE journal_position (
    node text NOT NULL,
    book text NOT NULL CHECK (book IN ('cdr', 'cel')),
    file bytea NOT NULL,
    read_to bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (node, book, file)
);

CREATE TABLE journal_reject (
    node text NOT NULL,
    book text NOT NULL,
    file bytea NOT NULL,
    line_offset bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    reason text NOT NULL,
    line bytea NOT NULL,
    PRIMARY KEY (node, book, file, line_offset)
);

-- Up to which moment of Asterisk's books the calls we never saw have been written.
CREATE TABLE journal_repair (
    node text PRIMARY KEY,
    repaired_to timestamptz NOT NULL
);
