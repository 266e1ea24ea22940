-- Who looks after a program is told of its dead letters: at most once an hour for each source, and never twice of the
-- same one.

ALTER TABLE crm_source ADD COLUMN notice_at BIGINT;    -- when the last notice was queued
ALTER TABLE crm_delivery ADD COLUMN told_at BIGINT;    -- when a notice counted this dead letter

-- Only what nobody was told of is in it, so looking for it costs nothing.
CREATE INDEX crm_delivery_untold ON crm_delivery (source_id) WHERE state = 'dead' AND told_at IS NULL;
