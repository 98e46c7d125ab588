-- A center as its provision says: the table follows the file (store.centers). Who works there is set on its page.

ALTER TABLE center
    -- How it treats callers, as `core.treatment.Treatment`.
    ADD COLUMN treatment jsonb NOT NULL DEFAULT '{}',
    -- False once the provision has it no more: histories go on naming it, its extension is free again.
    ADD COLUMN active boolean NOT NULL DEFAULT true,
    DROP CONSTRAINT center_name_key,
    DROP CONSTRAINT center_extension_key;
CREATE UNIQUE INDEX center_name ON center (name) WHERE active;
CREATE UNIQUE INDEX center_extension ON center (extension) WHERE active;

-- Whoever calls outside the hours was neither abandoned nor did they give up.
ALTER TABLE call
    DROP CONSTRAINT call_result_check,
    ADD CONSTRAINT call_result_check
        CHECK (result IN ('answered', 'abandoned', 'closed', 'busy', 'no_answer', 'failed', 'lost'));
