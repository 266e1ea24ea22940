-- What nobody asked for waits until the program's quiet hours are over. Business time, Unix ms; 0: it waits for nothing.
ALTER TABLE outbox ADD COLUMN not_before BIGINT NOT NULL DEFAULT 0;
