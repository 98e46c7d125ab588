-- What the dialplan says of a caller is in Asterisk's books too (CELGenUserEvent): found by when it was said.
CREATE INDEX cel_told ON cel (node, at) WHERE user_type <> '';
