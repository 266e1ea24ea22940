CREATE TRIGGER adjustment_signature_append_only BEFORE UPDATE OR DELETE ON adjustment_signature FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER adjustment_signature_no_truncate BEFORE TRUNCATE ON adjustment_signature FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
