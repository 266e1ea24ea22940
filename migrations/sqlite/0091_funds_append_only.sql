-- What was accrued, and what was taken of a credit, is never changed or removed.
CREATE TRIGGER fund_accrual_no_update BEFORE UPDATE ON fund_accrual BEGIN SELECT RAISE(ABORT, 'fund_accrual is append-only'); END;
CREATE TRIGGER fund_accrual_no_delete BEFORE DELETE ON fund_accrual BEGIN SELECT RAISE(ABORT, 'fund_accrual is append-only'); END;
CREATE TRIGGER fund_credit_use_no_update BEFORE UPDATE ON fund_credit_use BEGIN SELECT RAISE(ABORT, 'fund_credit_use is append-only'); END;
CREATE TRIGGER fund_credit_use_no_delete BEFORE DELETE ON fund_credit_use BEGIN SELECT RAISE(ABORT, 'fund_credit_use is append-only'); END;
