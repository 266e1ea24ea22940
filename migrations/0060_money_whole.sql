-- All moves of money, allocations of a pool to partners, and claims.

INSERT INTO ledger_move (code) VALUES ('transfer'), ('approve_claim'), ('reverse_claim'), ('pay'), ('claw_back'), ('expire');

-- A transfer between two funds goes from available to available: its entries differ by fund, not by account.
ALTER TABLE ledger_transfer ADD COLUMN to_fund_id TEXT;
ALTER TABLE ledger_transfer ADD COLUMN claim_id TEXT;
ALTER TABLE ledger_transfer ADD COLUMN expires_on TEXT;   -- of a credit: the last day on which it can be committed
ALTER TABLE ledger_transfer ADD COLUMN memo TEXT;         -- what people said it is for, or a payment's reference
CREATE INDEX ledger_transfer_by_claim ON ledger_transfer (claim_id);
CREATE INDEX ledger_transfer_by_fund ON ledger_transfer (fund_id, at);

CREATE TABLE ledger_entry_by_fund (
  transfer_id TEXT NOT NULL REFERENCES ledger_transfer (id),
  fund_id TEXT NOT NULL REFERENCES fund (id),
  account TEXT NOT NULL REFERENCES account_name (code),
  amount BIGINT NOT NULL,                -- minor units; the two entries of a transfer add up to zero
  PRIMARY KEY (transfer_id, fund_id, account)
);
INSERT INTO ledger_entry_by_fund (transfer_id, fund_id, account, amount)
  SELECT transfer_id, fund_id, account, amount FROM ledger_entry;
DROP TABLE ledger_entry;
ALTER TABLE ledger_entry_by_fund RENAME TO ledger_entry;
CREATE INDEX ledger_entry_by_account ON ledger_entry (fund_id, account);

-- An allocation is a fund of its own below the pool that it comes from: same kind, currency and validity, one partner.
ALTER TABLE fund ADD COLUMN parent_id TEXT REFERENCES fund (id);
CREATE UNIQUE INDEX fund_allocation ON fund (parent_id, partner_id) WHERE parent_id IS NOT NULL;

-- What the approved claims of a request add up to: never more than was approved.
ALTER TABLE mdf_request ADD COLUMN claimed_minor BIGINT NOT NULL DEFAULT 0
  CHECK (claimed_minor >= 0 AND (claimed_minor = 0 OR claimed_minor <= approved_minor));

CREATE TABLE claim_state (code TEXT PRIMARY KEY);
INSERT INTO claim_state (code) VALUES ('draft'), ('submitted'), ('in_review'), ('approved'), ('paid'), ('returned'),
  ('declined'), ('withdrawn'), ('expired'), ('reversed');

-- What a partner wants back of an approved request, after the activity.
CREATE TABLE claim (
  id TEXT PRIMARY KEY,
  partner_id TEXT NOT NULL REFERENCES partner (id),
  request_id TEXT NOT NULL REFERENCES mdf_request (id),
  fund_id TEXT NOT NULL REFERENCES fund (id),
  number BIGINT NOT NULL,
  currency TEXT NOT NULL,                -- the fund's
  state TEXT NOT NULL REFERENCES claim_state (code),
  rev BIGINT NOT NULL,
  approved_minor BIGINT CHECK (approved_minor IS NULL OR approved_minor > 0),
  paid_minor BIGINT NOT NULL DEFAULT 0,  -- the sum of its payments
  clawed_minor BIGINT NOT NULL DEFAULT 0,  -- what of that came back
  reason TEXT,
  filed_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  certified_by TEXT,                     -- who said that all of it is accurate
  submitted_at BIGINT,
  decided_at BIGINT,
  UNIQUE (partner_id, number),
  CHECK (paid_minor >= 0 AND paid_minor <= COALESCE(approved_minor, 0)),
  CHECK (clawed_minor >= 0 AND clawed_minor <= paid_minor)
);
CREATE INDEX claim_by_request ON claim (request_id);
CREATE INDEX claim_by_fund ON claim (fund_id, state);

CREATE TABLE claim_line (
  id TEXT PRIMARY KEY,
  claim_id TEXT NOT NULL REFERENCES claim (id),
  position BIGINT NOT NULL,
  what TEXT NOT NULL,
  supplier TEXT NOT NULL,
  invoice_number TEXT NOT NULL,
  invoice_date TEXT NOT NULL,
  currency TEXT NOT NULL,                -- the invoice's
  net_minor BIGINT NOT NULL CHECK (net_minor > 0),
  tax_minor BIGINT NOT NULL CHECK (tax_minor >= 0),
  rate TEXT,                             -- decimal: units of the claim's currency for one of the invoice's
  rate_day TEXT,                         -- the day of that rate
  claimed_minor BIGINT NOT NULL CHECK (claimed_minor > 0),  -- net in the claim's currency
  accepted_minor BIGINT,                 -- of that, what was accepted; 0: refused; NULL: not decided
  reason TEXT,
  log_entry_id TEXT REFERENCES log_entry (id),
  UNIQUE (claim_id, position),
  CHECK (accepted_minor IS NULL OR (accepted_minor >= 0 AND accepted_minor <= claimed_minor))
);

-- A file in one of the three slots. Its bytes lie in the evidence folder under their SHA-256.
CREATE TABLE claim_evidence (
  id TEXT PRIMARY KEY,
  claim_id TEXT NOT NULL REFERENCES claim (id),
  slot TEXT NOT NULL,                    -- 'cost', 'execution', 'results'
  sha256 TEXT NOT NULL,
  name TEXT NOT NULL,
  content_type TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  restricted_rows BIGINT,                -- how many people a restricted list names; NULL: not restricted
  message_id TEXT,                       -- the chat message that it came from
  author TEXT,
  posted_at BIGINT,
  added_by TEXT NOT NULL,
  added_at BIGINT NOT NULL,
  removed_at BIGINT
);
CREATE INDEX claim_evidence_by_claim ON claim_evidence (claim_id);
CREATE INDEX claim_evidence_by_hash ON claim_evidence (sha256);

-- Every decision taken on a claim, with the rev it was taken on.
CREATE TABLE claim_decision (
  id TEXT PRIMARY KEY,
  claim_id TEXT NOT NULL REFERENCES claim (id),
  rev BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  amount_minor BIGINT,
  reason TEXT,
  person TEXT NOT NULL,
  stands_for TEXT,
  at BIGINT NOT NULL
);
CREATE INDEX claim_decision_by_claim ON claim_decision (claim_id);

-- Paid is final: there is no way back but a claw-back of its own.
CREATE TABLE claim_payment (
  id TEXT PRIMARY KEY,
  claim_id TEXT NOT NULL REFERENCES claim (id),
  amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
  paid_on TEXT NOT NULL,
  reference TEXT NOT NULL,
  person TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX claim_payment_by_claim ON claim_payment (claim_id);
