-- What was decided and paid is never changed or removed.
CREATE TRIGGER claim_decision_no_update BEFORE UPDATE ON claim_decision BEGIN SELECT RAISE(ABORT, 'claim_decision is append-only'); END;
CREATE TRIGGER claim_decision_no_delete BEFORE DELETE ON claim_decision BEGIN SELECT RAISE(ABORT, 'claim_decision is append-only'); END;
CREATE TRIGGER claim_payment_no_update BEFORE UPDATE ON claim_payment BEGIN SELECT RAISE(ABORT, 'claim_payment is append-only'); END;
CREATE TRIGGER claim_payment_no_delete BEFORE DELETE ON claim_payment BEGIN SELECT RAISE(ABORT, 'claim_payment is append-only'); END;
