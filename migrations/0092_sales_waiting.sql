-- Corrections of sales that came before what they correct: each waits until its partner has so much of the fund available.
-- A row is there as long as its delivery waits for that.
CREATE TABLE sales_waiting (
  delivery_key TEXT PRIMARY KEY,                     -- of crm_delivery, which a later migration makes
  fund_id TEXT NOT NULL REFERENCES fund (id),        -- whose rate it is: the partner's own fund, or a pool
  partner_id TEXT NOT NULL REFERENCES partner (id),
  amount_minor BIGINT NOT NULL CHECK (amount_minor > 0)   -- that it takes back, in the fund's currency
);
