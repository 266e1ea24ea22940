-- What is written here once is never changed or removed.
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER ledger_transfer_no_update BEFORE UPDATE ON ledger_transfer BEGIN SELECT RAISE(ABORT, 'ledger_transfer is append-only'); END;
CREATE TRIGGER ledger_transfer_no_delete BEFORE DELETE ON ledger_transfer BEGIN SELECT RAISE(ABORT, 'ledger_transfer is append-only'); END;
CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only'); END;
CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only'); END;
CREATE TRIGGER request_decision_no_update BEFORE UPDATE ON request_decision BEGIN SELECT RAISE(ABORT, 'request_decision is append-only'); END;
CREATE TRIGGER request_decision_no_delete BEFORE DELETE ON request_decision BEGIN SELECT RAISE(ABORT, 'request_decision is append-only'); END;
CREATE TRIGGER log_entry_no_update BEFORE UPDATE ON log_entry BEGIN SELECT RAISE(ABORT, 'log_entry is append-only'); END;
CREATE TRIGGER log_entry_no_delete BEFORE DELETE ON log_entry BEGIN SELECT RAISE(ABORT, 'log_entry is append-only'); END;
CREATE TRIGGER plan_revision_no_update BEFORE UPDATE ON plan_revision BEGIN SELECT RAISE(ABORT, 'plan_revision is append-only'); END;
CREATE TRIGGER plan_revision_no_delete BEFORE DELETE ON plan_revision BEGIN SELECT RAISE(ABORT, 'plan_revision is append-only'); END;
CREATE TRIGGER plan_signature_no_update BEFORE UPDATE ON plan_signature BEGIN SELECT RAISE(ABORT, 'plan_signature is append-only'); END;
CREATE TRIGGER plan_signature_no_delete BEFORE DELETE ON plan_signature BEGIN SELECT RAISE(ABORT, 'plan_signature is append-only'); END;
