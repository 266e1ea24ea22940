CREATE TRIGGER claim_verdict_no_update BEFORE UPDATE ON claim_verdict BEGIN SELECT RAISE(ABORT, 'claim_verdict is append-only'); END;
CREATE TRIGGER claim_verdict_no_delete BEFORE DELETE ON claim_verdict BEGIN SELECT RAISE(ABORT, 'claim_verdict is append-only'); END;
CREATE TRIGGER claim_verdict_no_replace BEFORE INSERT ON claim_verdict
  WHEN EXISTS (SELECT 1 FROM claim_verdict WHERE decision_id = NEW.decision_id AND position = NEW.position)
    OR EXISTS (SELECT 1 FROM claim_verdict WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'claim_verdict is append-only: its key is taken'); END;
