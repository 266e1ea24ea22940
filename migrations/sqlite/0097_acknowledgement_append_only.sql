CREATE TRIGGER checkpoint_acknowledgement_no_update BEFORE UPDATE ON checkpoint_acknowledgement BEGIN SELECT RAISE(ABORT, 'checkpoint_acknowledgement is append-only'); END;
CREATE TRIGGER checkpoint_acknowledgement_no_delete BEFORE DELETE ON checkpoint_acknowledgement BEGIN SELECT RAISE(ABORT, 'checkpoint_acknowledgement is append-only'); END;
