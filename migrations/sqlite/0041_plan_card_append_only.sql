CREATE TRIGGER signature_warning_no_update BEFORE UPDATE ON signature_warning BEGIN SELECT RAISE(ABORT, 'signature_warning is append-only'); END;
CREATE TRIGGER signature_warning_no_delete BEFORE DELETE ON signature_warning BEGIN SELECT RAISE(ABORT, 'signature_warning is append-only'); END;
