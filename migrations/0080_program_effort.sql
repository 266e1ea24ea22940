-- Hours in all that campaigns of a type take each side, where a program says otherwise than Tandem.
CREATE TABLE program_effort (
  program_id TEXT NOT NULL REFERENCES program (id),
  kind TEXT NOT NULL,                    -- a campaign type
  vendor_hours BIGINT NOT NULL,
  partner_hours BIGINT NOT NULL,
  declared BIGINT NOT NULL,              -- 1: in bot.toml, and never changed in chat
  PRIMARY KEY (program_id, kind)
);
