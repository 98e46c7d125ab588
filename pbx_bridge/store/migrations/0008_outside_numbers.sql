-- A mobile or a phone at home may be a sign-in terminal: its number stands for the extension, its endpoint leads
-- through a trunk, and nobody registers there.
ALTER TABLE terminal
    ADD COLUMN outside boolean NOT NULL DEFAULT false,
    ALTER COLUMN sip_user DROP NOT NULL,
    ALTER COLUMN sip_password DROP NOT NULL,
    DROP CONSTRAINT terminal_extension_check,
    ADD CONSTRAINT terminal_extension_check
        CHECK (extension ~ CASE WHEN outside THEN '^[0-9]{6,15}$' ELSE '^[0-9]{2,8}$' END),
    ADD CONSTRAINT terminal_secret_check
        CHECK (outside = (sip_password IS NULL) AND outside = (sip_user IS NULL));

-- Which numbers are dial operations is something the switchboard works by.
CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE ON dial_number
    FOR EACH STATEMENT EXECUTE FUNCTION tell_directory_changed();
