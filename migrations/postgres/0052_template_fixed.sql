-- What was shown before it was shared is what is shared: but for where it stands, a template is append-only.
CREATE TRIGGER template_no_update BEFORE UPDATE OF program_id, name, name_key, content, saved_at, saved_by ON template FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER template_no_delete BEFORE DELETE ON template FOR EACH ROW WHEN (OLD.state <> 'pending') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER template_no_truncate BEFORE TRUNCATE ON template FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
