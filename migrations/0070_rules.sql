-- The rules that money follows: declared in bot.toml (declared = 1), or set in chat. What no row says holds as it ships.
-- company is 'vendor' or a partner's id; amounts are minor units of the program's currency.

CREATE TABLE activity_rule (
  program_id TEXT NOT NULL REFERENCES program (id),
  kind TEXT NOT NULL,                    -- the campaign type
  share_percent TEXT,                    -- decimal; NULL = not said, as with all that follow
  cap_minor BIGINT,
  uncapped BIGINT NOT NULL,              -- 1: no cap, whatever the tier says
  notice_days BIGINT,                    -- business days
  claim_window_days BIGINT,              -- calendar days
  eligible TEXT,                         -- JSON array of words
  pre_approval BIGINT,                   -- 1: has to be approved before the start
  evidence TEXT NOT NULL,                -- JSON: slot -> array of what is asked for; a slot that is missing is not said
  declared BIGINT NOT NULL,
  PRIMARY KEY (program_id, kind)
);

CREATE TABLE tier_rule (
  program_id TEXT NOT NULL REFERENCES program (id),
  item TEXT NOT NULL,                    -- the tier as a slug: the same word in any spelling
  tier TEXT NOT NULL,
  share_percent TEXT,
  cap_minor BIGINT,
  uncapped BIGINT NOT NULL,
  pre_approval BIGINT,
  declared BIGINT NOT NULL,
  PRIMARY KEY (program_id, item)
);

CREATE TABLE holiday (
  program_id TEXT NOT NULL REFERENCES program (id),
  company TEXT NOT NULL,
  day TEXT NOT NULL,
  declared BIGINT NOT NULL,
  PRIMARY KEY (program_id, company, day)
);

CREATE TABLE work_week (
  program_id TEXT NOT NULL REFERENCES program (id),
  company TEXT NOT NULL,
  days TEXT NOT NULL,                    -- mon,tue,wed,thu,fri
  declared BIGINT NOT NULL,
  PRIMARY KEY (program_id, company)
);

CREATE TABLE chain_rule (
  program_id TEXT NOT NULL REFERENCES program (id),
  decided TEXT NOT NULL,                 -- requests or claims
  from_minor BIGINT NOT NULL,            -- for amounts from this on
  steps TEXT NOT NULL,                   -- JSON array: the id of the role that takes the step, or null for anybody
  declared BIGINT NOT NULL,
  PRIMARY KEY (program_id, decided, from_minor)
);

CREATE TABLE program_rule_name (code TEXT PRIMARY KEY);
INSERT INTO program_rule_name (code) VALUES ('quiet_hours'), ('auto_approve_under'), ('escalate_after_days');

-- Rules of which a program has one each.
CREATE TABLE program_rule (
  program_id TEXT NOT NULL REFERENCES program (id),
  name TEXT NOT NULL REFERENCES program_rule_name (code),
  value TEXT NOT NULL,                   -- 20:00-08:00, minor units, days
  declared BIGINT NOT NULL,
  PRIMARY KEY (program_id, name)
);
