CREATE TRIGGER adjustment_warning_append_only BEFORE UPDATE OR DELETE ON adjustment_warning FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER adjustment_warning_no_truncate BEFORE TRUNCATE ON adjustment_warning FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
