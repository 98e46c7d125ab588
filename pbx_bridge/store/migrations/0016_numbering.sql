-- How numbers are written in this installation's country, as the provision says it (core.numbering): one row.
CREATE TABLE numbering (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    country_code text COLLATE "C" NOT NULL CHECK (country_code ~ '^[1-9][0-9]{0,2}$'),
    trunk_prefix text COLLATE "C" NOT NULL CHECK (trunk_prefix ~ '^[0-9]{0,3}$'),
    international_prefixes text[] NOT NULL
);
INSERT INTO numbering (country_code, trunk_prefix, international_prefixes) VALUES ('81', '0', '{010,00}');

CREATE TRIGGER directory_changed AFTER UPDATE ON numbering
    FOR EACH STATEMENT EXECUTE FUNCTION tell_directory_changed();

-- The same customer as their country writes the number: calls from outside are kept so, campaigns dial E.164.
CREATE OR REPLACE FUNCTION home_number(number text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT regexp_replace(number, '^\+' || country_code, trunk_prefix) FROM numbering
$$;
CREATE FUNCTION world_number(number text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN number LIKE trunk_prefix || '%' AND number NOT LIKE '+%'
                THEN '+' || country_code || substr(number, length(trunk_prefix) + 1) ELSE number END
    FROM numbering
$$;
