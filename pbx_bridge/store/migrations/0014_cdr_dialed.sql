-- A campaign's dial has no extension for Asterisk (its dst is «s»). Its channel bears the attempt's name, so the record
-- gets the number that was dialed when it is written, and keeps it when the list it came from is deleted.

ALTER TABLE cdr ADD COLUMN dialed text COLLATE "C";

CREATE FUNCTION cdr_dialed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.dialed := (SELECT a.number FROM attempt a WHERE a.id = substr(NEW.uniqueid, length('attempt-') + 1) COLLATE "C");
    RETURN NEW;
END
$$;

CREATE TRIGGER cdr_dialed BEFORE INSERT ON cdr
FOR EACH ROW WHEN (NEW.dst = 's' AND NEW.uniqueid LIKE 'attempt-%') EXECUTE FUNCTION cdr_dialed();

UPDATE cdr SET dialed = a.number
FROM attempt a WHERE cdr.dst = 's' AND cdr.uniqueid LIKE 'attempt-%' AND a.id = substr(cdr.uniqueid, length('attempt-') + 1);

CREATE INDEX cdr_by_dialed ON cdr (dialed, started_at) WHERE dialed IS NOT NULL;
