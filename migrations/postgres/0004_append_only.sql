-- What is written here once is never changed or removed.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_transfer_append_only BEFORE UPDATE OR DELETE ON ledger_transfer FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_transfer_no_truncate BEFORE TRUNCATE ON ledger_transfer FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE ON ledger_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER request_decision_append_only BEFORE UPDATE OR DELETE ON request_decision FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER request_decision_no_truncate BEFORE TRUNCATE ON request_decision FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_entry_append_only BEFORE UPDATE OR DELETE ON log_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_entry_no_truncate BEFORE TRUNCATE ON log_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER plan_revision_append_only BEFORE UPDATE OR DELETE ON plan_revision FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER plan_revision_no_truncate BEFORE TRUNCATE ON plan_revision FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER plan_signature_append_only BEFORE UPDATE OR DELETE ON plan_signature FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER plan_signature_no_truncate BEFORE TRUNCATE ON plan_signature FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
