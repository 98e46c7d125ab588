-- name: numbering
UPDATE numbering SET country_code = $1, trunk_prefix = $2, international_prefixes = $3
WHERE (country_code, trunk_prefix, international_prefixes) <> ($1, $2, $3);

-- name: forget_services
DELETE FROM dial_number WHERE function IN ('sign-in', 'sign-out') AND number <> ALL($1::text[]);

-- name: service
INSERT INTO dial_number (number, function) VALUES ($1, $2)
ON CONFLICT (number) DO UPDATE SET function = excluded.function, center = NULL;

-- name: forget_lines
DELETE FROM terminal WHERE outside AND extension <> ALL($1::text[]);

-- name: line
INSERT INTO terminal (extension, endpoint, language, outside) VALUES ($1, $2, $3, true)
ON CONFLICT (extension) DO UPDATE SET language = excluded.language;
