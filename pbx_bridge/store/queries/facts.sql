-- name: begin
-- No row back: the node's last batch was this one. The row also keeps a node's batches one after another.
INSERT INTO fact_commit AS last (node, digest, at) VALUES ($1, $2, now())
ON CONFLICT (node) DO UPDATE SET digest = excluded.digest, at = excluded.at WHERE last.digest <> excluded.digest
RETURNING true;
