-- Adjustments: what changes a plan that both sides have signed.

CREATE TABLE adjustment_state (code TEXT PRIMARY KEY);
INSERT INTO adjustment_state (code) VALUES ('proposed'), ('agreed'), ('declined'), ('withdrawn'), ('superseded');

CREATE TABLE adjustment (
  id TEXT PRIMARY KEY,
  partner_id TEXT NOT NULL REFERENCES partner (id),
  plan_id TEXT NOT NULL REFERENCES plan (id),
  number BIGINT NOT NULL,
  base_revision BIGINT NOT NULL,         -- the signed revision that it changes
  side TEXT NOT NULL,                    -- who filed it: 'vendor' or 'partner'
  changes TEXT NOT NULL,                 -- JSON: each change with its reason, who asked for it and when
  state TEXT NOT NULL REFERENCES adjustment_state (code),
  rev BIGINT NOT NULL,                   -- changes whenever something that the other side relies on changes
  filed_at BIGINT NOT NULL,
  decided_at BIGINT,
  decided_by TEXT,
  decided_reason TEXT,
  revision BIGINT,                       -- the plan revision that it became
  UNIQUE (partner_id, number)
);
CREATE INDEX adjustment_by_plan ON adjustment (plan_id);
-- One at a time: what a card shows as "before" stays true until it is decided.
CREATE UNIQUE INDEX adjustment_open ON adjustment (plan_id) WHERE state = 'proposed';

ALTER TABLE campaign ADD COLUMN cancelled_from TEXT;   -- the first day on which an agreed campaign no longer runs
