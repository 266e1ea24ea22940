-- What was shown before it was shared is what is shared: but for where it stands, a template is append-only.
CREATE TRIGGER template_no_update BEFORE UPDATE OF program_id, name, name_key, content, saved_at, saved_by ON template BEGIN SELECT RAISE(ABORT, 'template is append-only'); END;
CREATE TRIGGER template_no_delete BEFORE DELETE ON template WHEN OLD.state <> 'pending' BEGIN SELECT RAISE(ABORT, 'template is append-only'); END;
