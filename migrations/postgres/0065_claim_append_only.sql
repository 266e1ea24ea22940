-- What was decided and paid is never changed or removed.
CREATE TRIGGER claim_decision_append_only BEFORE UPDATE OR DELETE ON claim_decision FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_decision_no_truncate BEFORE TRUNCATE ON claim_decision FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_payment_append_only BEFORE UPDATE OR DELETE ON claim_payment FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_payment_no_truncate BEFORE TRUNCATE ON claim_payment FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
