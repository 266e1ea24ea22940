CREATE TRIGGER adjustment_signature_no_update BEFORE UPDATE ON adjustment_signature BEGIN SELECT RAISE(ABORT, 'adjustment_signature is append-only'); END;
CREATE TRIGGER adjustment_signature_no_delete BEFORE DELETE ON adjustment_signature BEGIN SELECT RAISE(ABORT, 'adjustment_signature is append-only'); END;
