-- Whether the program declares that it has a single partner, and whether bot.toml says so. Only then may something of a
-- plan be shown to the whole guild.
ALTER TABLE program ADD COLUMN single_partner BIGINT NOT NULL DEFAULT 0;            -- 1: declared
ALTER TABLE program ADD COLUMN single_partner_declared BIGINT NOT NULL DEFAULT 0;   -- 1: in bot.toml

INSERT INTO outbox_kind (code) VALUES ('event');

-- The guild's scheduled event of a campaign: what it should say now, and what Discord shows.
CREATE TABLE guild_event (
  campaign_id TEXT PRIMARY KEY REFERENCES campaign (id),
  partner_id TEXT NOT NULL REFERENCES partner (id),
  guild_id TEXT NOT NULL,
  mark TEXT NOT NULL UNIQUE,             -- stands in the event, so that it is found again
  wanted TEXT,                           -- JSON; without it there should be none
  wanted_no BIGINT NOT NULL DEFAULT 1,   -- one higher with each change
  ends_at BIGINT NOT NULL,               -- of what was wanted last: what has ended is left alone
  event_id TEXT,                         -- Discord's, while there is one
  shown_no BIGINT NOT NULL DEFAULT 0     -- the wanted_no that Discord shows
);
CREATE INDEX guild_event_by_partner ON guild_event (partner_id);
