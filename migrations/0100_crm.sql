-- What CRMs send, and what follows from it: deliveries as received, the events in them, leads, deals, touches, facts.

CREATE TABLE crm_source_kind (code TEXT PRIMARY KEY);
INSERT INTO crm_source_kind (code) VALUES ('hubspot'), ('standard');

CREATE TABLE crm_source (
  id TEXT PRIMARY KEY,
  program_id TEXT NOT NULL REFERENCES program (id),
  partner_id TEXT REFERENCES partner (id),   -- set: credits only this partner's campaigns
  kind TEXT NOT NULL REFERENCES crm_source_kind (code),
  key TEXT NOT NULL,
  default_currency TEXT,                     -- of deals that name none
  archived_at BIGINT,
  UNIQUE (program_id, key)
);

-- Other names of a campaign: spellings of its slug, the CRM's campaigns that are it, its landing pages.
CREATE TABLE campaign_tag_kind (code TEXT PRIMARY KEY);
INSERT INTO campaign_tag_kind (code) VALUES ('alias'), ('crm_campaign'), ('landing_page');

CREATE TABLE campaign_tag (
  campaign_id TEXT NOT NULL REFERENCES campaign (id),
  kind TEXT NOT NULL REFERENCES campaign_tag_kind (code),
  value TEXT NOT NULL,                       -- normalised
  source_id TEXT NOT NULL DEFAULT '',        -- a CRM campaign's source; '' = any
  PRIMARY KEY (campaign_id, kind, value, source_id)
);

CREATE TABLE crm_delivery_state (code TEXT PRIMARY KEY);
INSERT INTO crm_delivery_state (code) VALUES ('waiting'), ('done'), ('dead');

-- One row per authentic request, stored before it is answered. The key begins with the signed time, so that rows are
-- added at the end of the index; then a hash of what makes the request the same one.
CREATE TABLE crm_delivery (
  key TEXT PRIMARY KEY,
  source_id TEXT NOT NULL REFERENCES crm_source (id),
  sent_at BIGINT NOT NULL,                   -- the signed time of this attempt
  received_at BIGINT NOT NULL,
  message_id TEXT,                           -- the sender's, where the scheme has one
  body TEXT,                                 -- NULL once erased
  encoding TEXT NOT NULL,                    -- 'text', or 'base64' where the bytes are not text that TEXT can hold
  state TEXT NOT NULL REFERENCES crm_delivery_state (code),
  reason TEXT,                               -- why it is dead, or why it waits
  attempts BIGINT NOT NULL,
  due_at BIGINT NOT NULL,                    -- not before this time
  lease BIGINT NOT NULL,                     -- protocol time, Unix ms: who holds it, holds it until then
  done_at BIGINT
);
CREATE INDEX crm_delivery_waiting ON crm_delivery (key) WHERE state = 'waiting';
CREATE INDEX crm_delivery_dead ON crm_delivery (key) WHERE state = 'dead';
CREATE INDEX crm_delivery_to_erase ON crm_delivery (done_at) WHERE body IS NOT NULL;

CREATE TABLE crm_event_outcome (code TEXT PRIMARY KEY);
INSERT INTO crm_event_outcome (code) VALUES ('applied'), ('ignored'), ('dead');

-- One row per event that is settled, written in the transaction that did its work: what is received and not settled
-- has no row yet. The key decides, within its source, whether an event counts; a repeat finds it taken.
CREATE TABLE crm_event (
  source_id TEXT NOT NULL REFERENCES crm_source (id),
  key TEXT NOT NULL,
  delivery_key TEXT NOT NULL REFERENCES crm_delivery (key),
  kind TEXT NOT NULL,                        -- the sender's word
  record_kind TEXT,                          -- 'lead' or 'deal'
  record_id TEXT,                            -- the CRM's id
  occurred_at BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  outcome TEXT NOT NULL REFERENCES crm_event_outcome (code),
  reason TEXT,
  PRIMARY KEY (source_id, key)
);
CREATE INDEX crm_event_by_delivery ON crm_event (delivery_key);
CREATE INDEX crm_event_by_record ON crm_event (source_id, record_kind, record_id);

-- One row: the fold takes it first, so that two workers never fold at once.
CREATE TABLE crm_fold (id BIGINT PRIMARY KEY, lock_no BIGINT NOT NULL);
INSERT INTO crm_fold (id, lock_no) VALUES (1, 0);

CREATE TABLE lead_state (code TEXT PRIMARY KEY);
INSERT INTO lead_state (code) VALUES ('received'), ('matched'), ('offered'), ('accepted'), ('qualified'), ('converted'),
  ('declined'), ('timed_out'), ('disqualified'), ('duplicate'), ('invalid');

-- No names, no addresses: external id, company, country and a keyed hash of the e-mail address.
CREATE TABLE lead (
  id TEXT PRIMARY KEY,
  source_id TEXT NOT NULL REFERENCES crm_source (id),
  external_id TEXT NOT NULL,
  program_id TEXT NOT NULL REFERENCES program (id),
  partner_id TEXT REFERENCES partner (id),
  number BIGINT,                             -- short number at its partner; set when it is first matched there
  plan_id TEXT REFERENCES plan (id),
  campaign_id TEXT REFERENCES campaign (id), -- NULL: unmatched, waits for a person
  rule TEXT,                                 -- the rule that matched
  state TEXT NOT NULL REFERENCES lead_state (code),
  email_hash TEXT,
  company TEXT,
  country TEXT,
  lifecycle TEXT,
  created_at BIGINT NOT NULL,                -- when the CRM made it: the day it counts on
  version BIGINT NOT NULL,                   -- source version: the newest change that it shows
  folded TEXT NOT NULL,                      -- JSON: newest value of each field with its version
  duplicate_of TEXT,
  by_hand_campaign TEXT REFERENCES campaign (id),
  by_hand_by TEXT,
  invalid_by TEXT,                           -- who marked it as no lead
  merged_into TEXT,                          -- the external id of the record that it became part of
  deleted_at BIGINT,
  forgotten_at BIGINT,
  offered_at BIGINT,
  offer_until BIGINT,
  answered_at BIGINT,
  answered_by TEXT,
  recorded_at BIGINT NOT NULL,
  lock_no BIGINT NOT NULL DEFAULT 0,
  UNIQUE (source_id, external_id)
);
CREATE INDEX lead_by_person ON lead (plan_id, email_hash);
CREATE INDEX lead_by_campaign ON lead (campaign_id, created_at);
CREATE INDEX lead_by_state ON lead (program_id, state, created_at);

CREATE TABLE deal (
  id TEXT PRIMARY KEY,
  source_id TEXT NOT NULL REFERENCES crm_source (id),
  external_id TEXT NOT NULL,
  program_id TEXT NOT NULL REFERENCES program (id),
  campaign_id TEXT REFERENCES campaign (id), -- the campaign that sourced it
  lead_id TEXT REFERENCES lead (id),         -- the lead that sourced it
  rule TEXT,
  status TEXT NOT NULL,                      -- 'open', 'won', 'lost'
  stage TEXT,
  amount TEXT,                               -- decimal text as the CRM has it
  amount_minor BIGINT,
  currency TEXT,
  created_at BIGINT NOT NULL,
  closed_at BIGINT,
  version BIGINT NOT NULL,
  folded TEXT NOT NULL,
  merged_into TEXT,                          -- the external id of the record that it became part of
  deleted_at BIGINT,
  recorded_at BIGINT NOT NULL,
  lock_no BIGINT NOT NULL DEFAULT 0,
  UNIQUE (source_id, external_id)
);
CREATE INDEX deal_by_campaign ON deal (campaign_id, created_at);
CREATE INDEX deal_by_winner ON deal (source_id, merged_into) WHERE merged_into IS NOT NULL;

-- Which leads are contacts of which deals, by the CRM's ids: either may come first.
CREATE TABLE deal_lead (
  source_id TEXT NOT NULL REFERENCES crm_source (id),
  deal_external_id TEXT NOT NULL,
  lead_external_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  removed BIGINT NOT NULL,                   -- 1: the link was taken away at this version
  PRIMARY KEY (source_id, deal_external_id, lead_external_id)
);
CREATE INDEX deal_lead_by_lead ON deal_lead (source_id, lead_external_id);

-- Every touch of a lead or deal with a campaign that is known, and the rule that tied it.
CREATE TABLE touch (
  record_id TEXT NOT NULL,                   -- lead.id or deal.id
  campaign_id TEXT NOT NULL REFERENCES campaign (id),
  rule TEXT NOT NULL,
  first_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (record_id, campaign_id)
);
CREATE INDEX touch_by_campaign ON touch (campaign_id);

-- Credit of a deal by model, split among one partner's campaigns: hundredths of a percent, each partner's sum 10,000.
CREATE TABLE deal_credit (
  deal_id TEXT NOT NULL REFERENCES deal (id),
  partner_id TEXT NOT NULL REFERENCES partner (id),
  model TEXT NOT NULL,                       -- 'first', 'last', 'linear', 'u_shaped'
  campaign_id TEXT NOT NULL REFERENCES campaign (id),
  share BIGINT NOT NULL,
  PRIMARY KEY (deal_id, partner_id, model, campaign_id)
);

CREATE TABLE fact_measure (code TEXT PRIMARY KEY);
INSERT INTO fact_measure (code) VALUES ('leads'), ('pipeline'), ('won'), ('pipeline_lost'), ('pipeline_influenced');

-- What a report adds up. Append-only (triggers): a correction is a reversing row of the same day, recorded later, so
-- the figures of any earlier as-of can be had again.
CREATE TABLE fact (
  id TEXT PRIMARY KEY,
  campaign_id TEXT NOT NULL REFERENCES campaign (id),
  occurred_on TEXT NOT NULL,                 -- the day in the plan's time zone
  occurred_at BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  measure TEXT NOT NULL REFERENCES fact_measure (code),
  delta BIGINT NOT NULL,                     -- a count, or minor units
  currency TEXT,                             -- NULL for a count
  lead_id TEXT REFERENCES lead (id),
  deal_id TEXT REFERENCES deal (id),
  rule TEXT NOT NULL
);
CREATE INDEX fact_by_campaign ON fact (campaign_id, measure, occurred_on);
CREATE INDEX fact_by_lead ON fact (lead_id);
CREATE INDEX fact_by_deal ON fact (deal_id);
