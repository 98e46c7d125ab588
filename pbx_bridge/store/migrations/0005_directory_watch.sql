-- Whoever changes what the switchboard works by tells the bridges, once a transaction. A job that starts or stops is
-- a fact they know already.

CREATE FUNCTION tell_directory_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('pbx_directory', '');
    RETURN NULL;
END
$$;

CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE ON terminal
    FOR EACH STATEMENT EXECUTE FUNCTION tell_directory_changed();
CREATE TRIGGER directory_changed AFTER INSERT OR DELETE OR UPDATE OF login, name, active, dial_id ON account
    FOR EACH STATEMENT EXECUTE FUNCTION tell_directory_changed();
CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE ON center
    FOR EACH STATEMENT EXECUTE FUNCTION tell_directory_changed();
CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE ON center_member
    FOR EACH STATEMENT EXECUTE FUNCTION tell_directory_changed();
CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE ON status_definition
    FOR EACH STATEMENT EXECUTE FUNCTION tell_directory_changed();
CREATE TRIGGER directory_changed AFTER INSERT OR DELETE OR
    UPDATE OF name, mode, rule, caller_number, caller_name, trunk, wrap_up_seconds, recording ON call_job
    FOR EACH STATEMENT EXECUTE FUNCTION tell_directory_changed();
CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE ON job_member
    FOR EACH STATEMENT EXECUTE FUNCTION tell_directory_changed();
