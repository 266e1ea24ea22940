-- What was accrued, and what was taken of a credit, is never changed or removed.
CREATE TRIGGER fund_accrual_append_only BEFORE UPDATE OR DELETE ON fund_accrual FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER fund_accrual_no_truncate BEFORE TRUNCATE ON fund_accrual FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER fund_credit_use_append_only BEFORE UPDATE OR DELETE ON fund_credit_use FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER fund_credit_use_no_truncate BEFORE TRUNCATE ON fund_credit_use FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
