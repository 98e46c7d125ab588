-- name: positions
SELECT file, read_to FROM journal_position WHERE node = $1 AND book = $2;

-- name: advance
INSERT INTO journal_position AS position (node, book, file, read_to) VALUES ($1, $2, $3, $4)
ON CONFLICT (node, book, file) DO UPDATE SET read_to = greatest(position.read_to, excluded.read_to), at = now();

-- name: reject
INSERT INTO journal_reject (node, book, file, line_offset, reason, line) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING;

-- name: stage_cdr
CREATE TEMPORARY TABLE IF NOT EXISTS stage_cdr ON COMMIT DELETE ROWS AS SELECT * FROM cdr WITH NO DATA;

-- name: stage_cel
CREATE TEMPORARY TABLE IF NOT EXISTS stage_cel ON COMMIT DELETE ROWS AS SELECT * FROM cel WITH NO DATA;
