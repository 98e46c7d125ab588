-- Whoever asked to be called, or left a message, did not give up: they are owed a call and got what they were offered.
ALTER TABLE call
    DROP CONSTRAINT call_result_check,
    ADD CONSTRAINT call_result_check
        CHECK (result IN ('answered', 'abandoned', 'callback', 'closed', 'busy', 'no_answer', 'failed', 'lost'));
UPDATE call SET result = 'callback'
WHERE result IN ('abandoned', 'closed') AND EXISTS (
    SELECT FROM call_event e WHERE e.call = call.id AND e.kind IN ('callback_asked', 'message_left'));
