-- Of a correction that came after its fund's end: what of it had been forfeited, in minor units. Nothing was moved for that.
ALTER TABLE fund_accrual ADD COLUMN forfeited_minor BIGINT NOT NULL DEFAULT 0 CHECK (forfeited_minor >= 0);
