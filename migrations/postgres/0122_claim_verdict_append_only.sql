CREATE TRIGGER claim_verdict_append_only BEFORE UPDATE OR DELETE ON claim_verdict FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_verdict_no_truncate BEFORE TRUNCATE ON claim_verdict FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
