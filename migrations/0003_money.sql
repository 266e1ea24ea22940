-- Funds, the double-entry ledger, MDF requests and their decisions.

CREATE TABLE fund_kind (code TEXT PRIMARY KEY);
INSERT INTO fund_kind (code) VALUES ('mdf'), ('co_op');

CREATE TABLE fund (
  id TEXT PRIMARY KEY,
  program_id TEXT NOT NULL REFERENCES program (id),
  partner_id TEXT REFERENCES partner (id),   -- NULL: a pool for the program
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL REFERENCES fund_kind (code),
  currency TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  valid_until TEXT NOT NULL,
  carry_over TEXT NOT NULL,
  declared_minor BIGINT NOT NULL,
  archived_at BIGINT,
  UNIQUE (program_id, key)
);

CREATE TABLE account_name (code TEXT PRIMARY KEY);
INSERT INTO account_name (code) VALUES ('granted'), ('available'), ('committed'), ('payable'), ('paid'), ('forfeited');

-- Running totals, written with their entries. No account below zero; granted is the contra account: what it
-- holds is what the vendor set aside, so it runs negative.
CREATE TABLE account_balance (
  fund_id TEXT NOT NULL REFERENCES fund (id),
  account TEXT NOT NULL REFERENCES account_name (code),
  amount BIGINT NOT NULL,
  PRIMARY KEY (fund_id, account),
  CHECK (amount >= 0 OR account = 'granted')
);

CREATE TABLE ledger_move (code TEXT PRIMARY KEY);
INSERT INTO ledger_move (code) VALUES ('allocate'), ('allocate_back'), ('approve'), ('release');

-- A transfer moves one amount between two accounts of one fund. Append-only (triggers).
CREATE TABLE ledger_transfer (
  id TEXT PRIMARY KEY,
  idempotency_key TEXT NOT NULL UNIQUE,
  fund_id TEXT NOT NULL REFERENCES fund (id),
  move TEXT NOT NULL REFERENCES ledger_move (code),
  amount BIGINT NOT NULL CHECK (amount > 0),
  request_id TEXT,
  actor TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX ledger_transfer_by_request ON ledger_transfer (request_id);

CREATE TABLE ledger_entry (
  transfer_id TEXT NOT NULL REFERENCES ledger_transfer (id),
  fund_id TEXT NOT NULL REFERENCES fund (id),
  account TEXT NOT NULL REFERENCES account_name (code),
  amount BIGINT NOT NULL,                -- minor units; the two entries of a transfer add up to zero
  PRIMARY KEY (transfer_id, account)
);
CREATE INDEX ledger_entry_by_account ON ledger_entry (fund_id, account);

CREATE TABLE request_state (code TEXT PRIMARY KEY);
INSERT INTO request_state (code) VALUES ('draft'), ('submitted'), ('in_review'), ('approved'), ('closed'), ('returned'),
  ('declined'), ('withdrawn'), ('cancelled'), ('expired');

CREATE TABLE mdf_request (
  id TEXT PRIMARY KEY,
  partner_id TEXT NOT NULL REFERENCES partner (id),
  campaign_id TEXT NOT NULL REFERENCES campaign (id),
  fund_id TEXT NOT NULL REFERENCES fund (id),
  number BIGINT NOT NULL,
  currency TEXT NOT NULL,                -- the fund's
  cost_minor BIGINT NOT NULL CHECK (cost_minor > 0),
  amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
  approved_minor BIGINT,
  purpose TEXT NOT NULL,
  expected_leads BIGINT,
  expected_pipeline BIGINT,
  state TEXT NOT NULL REFERENCES request_state (code),
  reason TEXT,                           -- of the last return or decline
  rev BIGINT NOT NULL,
  filed_by TEXT NOT NULL,
  on_behalf_of TEXT,                     -- the partner's id when the vendor filed it
  filed_at BIGINT NOT NULL,
  decided_at BIGINT,
  UNIQUE (partner_id, number),
  CHECK (approved_minor IS NULL OR (approved_minor > 0 AND approved_minor <= amount_minor))
);
CREATE INDEX mdf_request_by_campaign ON mdf_request (campaign_id);
CREATE INDEX mdf_request_by_fund ON mdf_request (fund_id, state);

-- Every decision taken, with the rev it was taken on. Append-only (triggers).
CREATE TABLE request_decision (
  id TEXT PRIMARY KEY,
  request_id TEXT NOT NULL REFERENCES mdf_request (id),
  rev BIGINT NOT NULL,
  outcome TEXT NOT NULL,                 -- 'approved', 'returned', 'declined'
  amount_minor BIGINT,
  reason TEXT,
  person TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX request_decision_by_request ON request_decision (request_id);
