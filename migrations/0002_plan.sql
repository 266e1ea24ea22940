-- The plan, its campaigns, its signatures and revisions, and what people log against them.

CREATE TABLE plan_state (code TEXT PRIMARY KEY);
INSERT INTO plan_state (code) VALUES ('draft'), ('proposed'), ('agreed'), ('active'), ('closing'), ('closed'),
  ('declined'), ('expired'), ('cancelled');

CREATE TABLE plan (
  id TEXT PRIMARY KEY,
  partner_id TEXT NOT NULL REFERENCES partner (id),
  number BIGINT NOT NULL,
  name TEXT NOT NULL,
  starts_on TEXT NOT NULL,
  ends_on TEXT NOT NULL,
  currency TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  attribution TEXT NOT NULL,             -- 'first_touch' or 'last_touch'
  cadence TEXT NOT NULL,
  sign_by TEXT NOT NULL,
  jbp_revenue BIGINT,                    -- minor units
  marketing_share TEXT,                  -- percent, decimal text
  win_rate TEXT,                         -- percent, decimal text
  state TEXT NOT NULL REFERENCES plan_state (code),
  returned_reason TEXT,
  rev BIGINT NOT NULL,                   -- changes whenever something a signer relies on changes
  revision BIGINT NOT NULL DEFAULT 0,    -- the signed revision; 0 before the first agreement
  created_at BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  proposed_at BIGINT,
  agreed_at BIGINT,
  UNIQUE (partner_id, number)
);

CREATE TABLE plan_signature (
  plan_id TEXT NOT NULL REFERENCES plan (id),
  rev BIGINT NOT NULL,
  side TEXT NOT NULL,
  person TEXT NOT NULL,
  content_sha256 TEXT NOT NULL,
  signed_at BIGINT NOT NULL,
  PRIMARY KEY (plan_id, rev, side)
);

CREATE TABLE plan_revision (
  plan_id TEXT NOT NULL REFERENCES plan (id),
  revision BIGINT NOT NULL,
  snapshot TEXT NOT NULL,                -- canonical JSON
  sha256 TEXT NOT NULL,
  effective_on TEXT NOT NULL,            -- the plan's local day from which it is in force
  agreed_at BIGINT NOT NULL,
  PRIMARY KEY (plan_id, revision)
);

CREATE TABLE campaign_state (code TEXT PRIMARY KEY);
INSERT INTO campaign_state (code) VALUES ('proposed'), ('planned'), ('ready'), ('running'), ('executed'), ('closed'),
  ('postponed'), ('cancelled');

CREATE TABLE campaign (
  id TEXT PRIMARY KEY,
  partner_id TEXT NOT NULL REFERENCES partner (id),
  plan_id TEXT NOT NULL REFERENCES plan (id),
  number BIGINT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,                    -- the campaign type's code
  segment TEXT NOT NULL,
  message TEXT NOT NULL,
  offer TEXT NOT NULL,
  channel TEXT NOT NULL,                 -- the execution channel
  starts_on TEXT NOT NULL,
  ends_on TEXT NOT NULL,
  sends TEXT NOT NULL,                   -- JSON array of days
  target_leads BIGINT NOT NULL,
  target_pipeline BIGINT NOT NULL,
  target_won BIGINT,
  results_by TEXT NOT NULL,              -- 'crm' or 'hand'
  slug TEXT NOT NULL,                    -- normalised utm_campaign
  utm_id TEXT NOT NULL UNIQUE,
  owner_vendor TEXT,
  owner_partner TEXT,
  state TEXT NOT NULL REFERENCES campaign_state (code),
  created_at BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  UNIQUE (partner_id, number)
);
CREATE INDEX campaign_by_plan ON campaign (plan_id);
CREATE INDEX campaign_by_slug ON campaign (slug);

CREATE TABLE budget_line (
  id TEXT PRIMARY KEY,
  campaign_id TEXT NOT NULL REFERENCES campaign (id),
  what TEXT NOT NULL,
  planned_minor BIGINT NOT NULL CHECK (planned_minor >= 0)
);
CREATE INDEX budget_line_by_campaign ON budget_line (campaign_id);

-- The shares of a line add up to the line, to the last minor unit (checked in the domain).
CREATE TABLE funding_share (
  budget_line_id TEXT NOT NULL REFERENCES budget_line (id),
  source TEXT NOT NULL,                  -- 'mdf', 'co_op', 'vendor', 'partner'
  amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
  PRIMARY KEY (budget_line_id, source)
);

-- What people log: increments with a date. A correction is a reversing entry, never an edit (triggers).
CREATE TABLE log_entry (
  id TEXT PRIMARY KEY,
  partner_id TEXT NOT NULL REFERENCES partner (id),
  campaign_id TEXT NOT NULL REFERENCES campaign (id),
  number BIGINT NOT NULL,
  kind TEXT NOT NULL,                    -- 'spend' or 'leads'
  occurred_on TEXT NOT NULL,
  recorded_at BIGINT NOT NULL,
  amount BIGINT NOT NULL,                -- minor units of the plan's currency, or a count
  source TEXT,                           -- who funds it: 'mdf', 'co_op', 'vendor', 'partner'
  payer TEXT,
  invoice_number TEXT,
  note TEXT,
  logged_by TEXT NOT NULL,
  reverses TEXT UNIQUE REFERENCES log_entry (id),
  UNIQUE (partner_id, number)
);
CREATE INDEX log_entry_by_campaign ON log_entry (campaign_id);

-- Checkpoint reports as posted: the figures of an as-of instant.
CREATE TABLE checkpoint (
  id TEXT PRIMARY KEY,
  plan_id TEXT NOT NULL REFERENCES plan (id),
  number BIGINT NOT NULL,
  kind TEXT NOT NULL,                    -- 'regular', 'mid', 'end'
  due_at BIGINT NOT NULL,
  as_of BIGINT NOT NULL,
  day TEXT NOT NULL,                     -- the last complete local day
  overall TEXT NOT NULL,
  report TEXT NOT NULL,                  -- JSON of the figures
  posted_at BIGINT NOT NULL,
  UNIQUE (plan_id, due_at),
  UNIQUE (plan_id, number)
);
