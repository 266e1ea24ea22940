CREATE TRIGGER checkpoint_acknowledgement_append_only BEFORE UPDATE OR DELETE ON checkpoint_acknowledgement FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checkpoint_acknowledgement_no_truncate BEFORE TRUNCATE ON checkpoint_acknowledgement FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
