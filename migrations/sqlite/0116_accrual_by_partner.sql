-- Each partner numbers its invoices itself: a reference counts once per fund and partner. SQLite can't take a constraint
-- away, so the table is made anew; dropping the old one takes its triggers along and fires none.
CREATE TABLE fund_accrual_anew (
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
  UNIQUE (fund_id, partner_id, reference)
);
INSERT INTO fund_accrual_anew (id, fund_id, account_id, partner_id, reference, sales_minor, sales_currency, rate, rate_day,
  percent, amount_minor, sold_on, transfer_id, posted_by, actor, at)
SELECT id, fund_id, account_id, partner_id, reference, sales_minor, sales_currency, rate, rate_day,
  percent, amount_minor, sold_on, transfer_id, posted_by, actor, at FROM fund_accrual;
DROP TABLE fund_accrual;
ALTER TABLE fund_accrual_anew RENAME TO fund_accrual;
CREATE INDEX fund_accrual_by_account ON fund_accrual (account_id);
CREATE INDEX fund_accrual_by_transfer ON fund_accrual (transfer_id);
CREATE TRIGGER fund_accrual_no_update BEFORE UPDATE ON fund_accrual BEGIN SELECT RAISE(ABORT, 'fund_accrual is append-only'); END;
CREATE TRIGGER fund_accrual_no_delete BEFORE DELETE ON fund_accrual BEGIN SELECT RAISE(ABORT, 'fund_accrual is append-only'); END;
