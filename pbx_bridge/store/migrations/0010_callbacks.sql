-- Callers a center owes a call (折り返し要). A customer has one open row a center, however often they tried.

CREATE TABLE callback (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    center bigint NOT NULL,
    number text COLLATE "C" NOT NULL,
    reason text NOT NULL CHECK (reason IN ('abandoned', 'overflowed', 'asked', 'message')),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'in_progress', 'done', 'given_up')),
    -- Who has it in hand, or had it last.
    agent bigint,
    since timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    times integer NOT NULL DEFAULT 1,
    changed_at timestamptz NOT NULL,
    -- The conversation that closed it by itself.
    answered_by text COLLATE "C",
    memo text NOT NULL DEFAULT '',
    CHECK ((state = 'in_progress') <= (agent IS NOT NULL))
);
CREATE UNIQUE INDEX callback_open ON callback (number, center) WHERE state IN ('open', 'in_progress');
CREATE INDEX callback_by_time ON callback (since, id);

-- The calls behind a row; each counts once, whoever tells its end and how often.
CREATE TABLE callback_call (
    call text COLLATE "C" PRIMARY KEY,
    callback bigint NOT NULL REFERENCES callback ON DELETE CASCADE
);
CREATE INDEX callback_call_by_row ON callback_call (callback);

-- The same customer as their country writes the number: carriers deliver 090…, campaigns dial +8190….
CREATE FUNCTION home_number(number text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT regexp_replace(number, '^\+81', '0')
$$;
