-- Funds made in chat, what they accrue, credits that expire, and dated rates.

ALTER TABLE fund ADD COLUMN declared BIGINT NOT NULL DEFAULT 1;   -- 1: bot.toml declares it, and nobody changes it in chat
ALTER TABLE fund ADD COLUMN accrual_percent TEXT;                 -- decimal: what a co-op fund accrues of a partner's sales
ALTER TABLE fund ADD COLUMN credit_months BIGINT;                 -- how long an accrued credit lasts; NULL: as long as its fund
-- carry_over is 'none', 'next_period' or the id of the fund that the rest goes to; the most that goes on is a decimal
-- with a percent sign, or whole minor units; NULL: all of it.
ALTER TABLE fund ADD COLUMN carry_most TEXT;

-- What has come into the account available, each with its own last day. What leaves it leaves the credits, those first
-- that expire first, and what comes back of a request goes back to the credits that it was taken from. The lefts of a
-- fund add up to what is available, and the uses of a credit to what is not left of it.
CREATE TABLE fund_credit (
  id TEXT PRIMARY KEY,
  fund_id TEXT NOT NULL REFERENCES fund (id),
  transfer_id TEXT NOT NULL REFERENCES ledger_transfer (id),   -- that brought it
  amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
  left_minor BIGINT NOT NULL CHECK (left_minor >= 0 AND left_minor <= amount_minor),
  expires_on TEXT,                       -- the last day on which it can be committed, if that is before its fund's
  at BIGINT NOT NULL
);
CREATE INDEX fund_credit_by_fund ON fund_credit (fund_id, left_minor);

CREATE TABLE fund_credit_use (
  transfer_id TEXT NOT NULL REFERENCES ledger_transfer (id),
  credit_id TEXT NOT NULL REFERENCES fund_credit (id),
  amount_minor BIGINT NOT NULL CHECK (amount_minor <> 0),   -- below zero: it came back
  PRIMARY KEY (transfer_id, credit_id)
);
CREATE INDEX fund_credit_use_by_credit ON fund_credit_use (credit_id);

-- Until now a fund was one credit: all that was ever granted, less what was taken back.
INSERT INTO fund_credit (id, fund_id, transfer_id, amount_minor, left_minor, expires_on, at)
  SELECT f.id, f.id, (SELECT MIN(t.id) FROM ledger_transfer t WHERE t.fund_id = f.id AND t.move = 'allocate'),
    -g.amount, a.amount, NULL, (SELECT MIN(t.at) FROM ledger_transfer t WHERE t.fund_id = f.id AND t.move = 'allocate')
  FROM fund f
  JOIN account_balance g ON g.fund_id = f.id AND g.account = 'granted' AND g.amount < 0
  JOIN account_balance a ON a.fund_id = f.id AND a.account = 'available';
INSERT INTO fund_credit_use (transfer_id, credit_id, amount_minor)
  SELECT t.id, t.fund_id, CASE t.move WHEN 'approve' THEN t.amount ELSE -t.amount END
  FROM ledger_transfer t JOIN fund_credit c ON c.id = t.fund_id
  WHERE t.move IN ('approve', 'release', 'claw_back');

-- What a partner's sales have earned: one posting for each reference. A correction is a posting below zero.
CREATE TABLE fund_accrual (
  id TEXT PRIMARY KEY,
  fund_id TEXT NOT NULL REFERENCES fund (id),        -- whose rate it is
  account_id TEXT NOT NULL REFERENCES fund (id),     -- the partner's own fund that it went to
  partner_id TEXT NOT NULL REFERENCES partner (id),
  reference TEXT NOT NULL,
  sales_minor BIGINT NOT NULL,
  sales_currency TEXT NOT NULL,
  rate TEXT,                             -- decimal: units of the fund's currency for one of the sales', if they differ
  rate_day TEXT,
  percent TEXT NOT NULL,
  amount_minor BIGINT NOT NULL,          -- in the fund's currency; 0: too little for a minor unit
  sold_on TEXT NOT NULL,
  transfer_id TEXT REFERENCES ledger_transfer (id),
  posted_by TEXT NOT NULL,               -- 'command', 'file', 'webhook'
  actor TEXT NOT NULL,
  at BIGINT NOT NULL,
  UNIQUE (fund_id, reference)
);
CREATE INDEX fund_accrual_by_account ON fund_accrual (account_id);
CREATE INDEX fund_accrual_by_transfer ON fund_accrual (transfer_id);

-- Units of one currency for one of another, from a day on until the next.
CREATE TABLE currency_rate (
  program_id TEXT NOT NULL REFERENCES program (id),
  from_currency TEXT NOT NULL,
  to_currency TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  rate TEXT NOT NULL,                    -- decimal
  entered_by TEXT NOT NULL,
  entered_at BIGINT NOT NULL,
  PRIMARY KEY (program_id, from_currency, to_currency, valid_from)
);
