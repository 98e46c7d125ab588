-- People's pictures, as they were sent; `account.icon` names the bytes of the moment, so that a browser may keep them.

ALTER TABLE account ADD COLUMN icon text NOT NULL DEFAULT '';

CREATE TABLE account_icon (
    account bigint PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    media_type text NOT NULL CHECK (media_type IN ('image/jpeg', 'image/png', 'image/gif')),
    body bytea NOT NULL CHECK (octet_length(body) BETWEEN 1 AND 1048576),
    changed_at timestamptz NOT NULL DEFAULT now()
);
