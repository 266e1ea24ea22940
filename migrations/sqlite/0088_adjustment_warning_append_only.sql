CREATE TRIGGER adjustment_warning_no_update BEFORE UPDATE ON adjustment_warning BEGIN SELECT RAISE(ABORT, 'adjustment_warning is append-only'); END;
CREATE TRIGGER adjustment_warning_no_delete BEFORE DELETE ON adjustment_warning BEGIN SELECT RAISE(ABORT, 'adjustment_warning is append-only'); END;
