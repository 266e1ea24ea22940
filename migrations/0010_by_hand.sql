-- A due day that somebody set stays when the campaign's dates change; and that people were asked whether it is executed.
ALTER TABLE task ADD COLUMN due_by_hand BIGINT NOT NULL DEFAULT 0;
ALTER TABLE campaign ADD COLUMN asked_at BIGINT;
