-- Calls that the bridge places for an agent: why, and dials of a lead that no machine decided.

ALTER TABLE call ADD COLUMN reason text NOT NULL DEFAULT '' CHECK (reason IN ('', 'callback', 'redial'));

-- Who dials by hand abandons nobody: such a dial counts against the number, and in no drop rate.
ALTER TABLE attempt ADD COLUMN by_hand boolean NOT NULL DEFAULT false;
