-- Channels that were a partner's shared channel, or a program's approvals channel, and in which something was said: they
-- stay that company's, so that nobody else ever reads what is there.

CREATE TABLE channel_past (
  channel_id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,                   -- the id of the partner, or of the program whose approvals channel it was
  left_at BIGINT NOT NULL
);
