CREATE TRIGGER signature_warning_append_only BEFORE UPDATE OR DELETE ON signature_warning FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signature_warning_no_truncate BEFORE TRUNCATE ON signature_warning FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
