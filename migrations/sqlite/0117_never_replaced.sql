-- REPLACE removes the row that is in its way without firing a trigger of removals (SQLite fires those only with
-- recursive_triggers, which is each connection's own choice). So a row whose key is there is refused before it is written:
-- by its id, by whatever else is unique, and by the rowid, which a statement may name too.
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
  WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM audit WHERE program_id = NEW.program_id AND seq = NEW.seq AND seq > 0)
    OR EXISTS (SELECT 1 FROM audit WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'audit is append-only: its key is taken'); END;
CREATE TRIGGER ledger_transfer_no_replace BEFORE INSERT ON ledger_transfer
  WHEN EXISTS (SELECT 1 FROM ledger_transfer WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM ledger_transfer WHERE idempotency_key = NEW.idempotency_key)
    OR EXISTS (SELECT 1 FROM ledger_transfer WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'ledger_transfer is append-only: its key is taken'); END;
CREATE TRIGGER ledger_entry_no_replace BEFORE INSERT ON ledger_entry
  WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE transfer_id = NEW.transfer_id AND fund_id = NEW.fund_id AND account = NEW.account)
    OR EXISTS (SELECT 1 FROM ledger_entry WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only: its key is taken'); END;
CREATE TRIGGER request_decision_no_replace BEFORE INSERT ON request_decision
  WHEN EXISTS (SELECT 1 FROM request_decision WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM request_decision WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'request_decision is append-only: its key is taken'); END;
CREATE TRIGGER log_entry_no_replace BEFORE INSERT ON log_entry
  WHEN EXISTS (SELECT 1 FROM log_entry WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM log_entry WHERE reverses = NEW.reverses)
    OR EXISTS (SELECT 1 FROM log_entry WHERE partner_id = NEW.partner_id AND number = NEW.number)
    OR EXISTS (SELECT 1 FROM log_entry WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'log_entry is append-only: its key is taken'); END;
CREATE TRIGGER plan_revision_no_replace BEFORE INSERT ON plan_revision
  WHEN EXISTS (SELECT 1 FROM plan_revision WHERE plan_id = NEW.plan_id AND revision = NEW.revision)
    OR EXISTS (SELECT 1 FROM plan_revision WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'plan_revision is append-only: its key is taken'); END;
CREATE TRIGGER plan_signature_no_replace BEFORE INSERT ON plan_signature
  WHEN EXISTS (SELECT 1 FROM plan_signature WHERE plan_id = NEW.plan_id AND rev = NEW.rev AND side = NEW.side)
    OR EXISTS (SELECT 1 FROM plan_signature WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'plan_signature is append-only: its key is taken'); END;
CREATE TRIGGER signature_warning_no_replace BEFORE INSERT ON signature_warning
  WHEN EXISTS (SELECT 1 FROM signature_warning WHERE plan_id = NEW.plan_id AND rev = NEW.rev AND signer = NEW.signer AND side = NEW.side AND monday = NEW.monday)
    OR EXISTS (SELECT 1 FROM signature_warning WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'signature_warning is append-only: its key is taken'); END;
CREATE TRIGGER fact_no_replace BEFORE INSERT ON fact
  WHEN EXISTS (SELECT 1 FROM fact WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM fact WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'fact is append-only: its key is taken'); END;
CREATE TRIGGER template_no_replace BEFORE INSERT ON template
  WHEN EXISTS (SELECT 1 FROM template WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM template WHERE program_id = NEW.program_id AND name_key = NEW.name_key AND state = 'shared' AND NEW.state = 'shared')
    OR EXISTS (SELECT 1 FROM template WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'template is append-only: its key is taken'); END;
CREATE TRIGGER claim_decision_no_replace BEFORE INSERT ON claim_decision
  WHEN EXISTS (SELECT 1 FROM claim_decision WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM claim_decision WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'claim_decision is append-only: its key is taken'); END;
CREATE TRIGGER claim_payment_no_replace BEFORE INSERT ON claim_payment
  WHEN EXISTS (SELECT 1 FROM claim_payment WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM claim_payment WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'claim_payment is append-only: its key is taken'); END;
CREATE TRIGGER adjustment_signature_no_replace BEFORE INSERT ON adjustment_signature
  WHEN EXISTS (SELECT 1 FROM adjustment_signature WHERE adjustment_id = NEW.adjustment_id AND rev = NEW.rev AND side = NEW.side)
    OR EXISTS (SELECT 1 FROM adjustment_signature WHERE adjustment_id = NEW.adjustment_id AND rev = NEW.rev AND person = NEW.person)
    OR EXISTS (SELECT 1 FROM adjustment_signature WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'adjustment_signature is append-only: its key is taken'); END;
CREATE TRIGGER adjustment_warning_no_replace BEFORE INSERT ON adjustment_warning
  WHEN EXISTS (SELECT 1 FROM adjustment_warning WHERE adjustment_id = NEW.adjustment_id AND rev = NEW.rev AND signer = NEW.signer AND side = NEW.side AND monday = NEW.monday)
    OR EXISTS (SELECT 1 FROM adjustment_warning WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'adjustment_warning is append-only: its key is taken'); END;
CREATE TRIGGER checkpoint_acknowledgement_no_replace BEFORE INSERT ON checkpoint_acknowledgement
  WHEN EXISTS (SELECT 1 FROM checkpoint_acknowledgement WHERE checkpoint_id = NEW.checkpoint_id AND side = NEW.side)
    OR EXISTS (SELECT 1 FROM checkpoint_acknowledgement WHERE checkpoint_id = NEW.checkpoint_id AND person = NEW.person)
    OR EXISTS (SELECT 1 FROM checkpoint_acknowledgement WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'checkpoint_acknowledgement is append-only: its key is taken'); END;
CREATE TRIGGER fund_accrual_no_replace BEFORE INSERT ON fund_accrual
  WHEN EXISTS (SELECT 1 FROM fund_accrual WHERE id = NEW.id)
    OR EXISTS (SELECT 1 FROM fund_accrual WHERE fund_id = NEW.fund_id AND partner_id = NEW.partner_id AND reference = NEW.reference)
    OR EXISTS (SELECT 1 FROM fund_accrual WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'fund_accrual is append-only: its key is taken'); END;
CREATE TRIGGER fund_credit_use_no_replace BEFORE INSERT ON fund_credit_use
  WHEN EXISTS (SELECT 1 FROM fund_credit_use WHERE transfer_id = NEW.transfer_id AND credit_id = NEW.credit_id)
    OR EXISTS (SELECT 1 FROM fund_credit_use WHERE rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'fund_credit_use is append-only: its key is taken'); END;
-- Where a template stands may change, and UPDATE OR REPLACE removes in the same way what that collides with.
CREATE TRIGGER template_no_replace_by_update BEFORE UPDATE ON template
  WHEN NEW.rowid <> OLD.rowid OR NEW.id <> OLD.id
    OR (NEW.state = 'shared' AND EXISTS (SELECT 1 FROM template
      WHERE program_id = NEW.program_id AND name_key = NEW.name_key AND state = 'shared' AND id <> NEW.id))
BEGIN SELECT RAISE(ABORT, 'template is append-only: its key is taken'); END;

-- A fund has each of its accounts as long as it is there.
CREATE TRIGGER account_balance_no_delete BEFORE DELETE ON account_balance BEGIN SELECT RAISE(ABORT, 'account_balance keeps its rows'); END;
